#ifndef AERIE_BROKER_AUTH_RESUME_BLOB_H_
#define AERIE_BROKER_AUTH_RESUME_BLOB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/channel/grant.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

// What survives of a socket when its link, or its broker, is lost.
struct ResumeFields {
  std::string socket_id;
  std::string assigns;
  Policy policy;
  GrantPtr grant = nullptr;
  // Of its Origin.
  v1::Dialect dialect = v1::DIALECT_UNSPECIFIED;
  v1::Transport transport = v1::TRANSPORT_UNSPECIFIED;
};

// Seals sockets into blobs that edges keep for them and any broker with the
// same keys opens: a version byte, HMAC-SHA256 over what follows and the
// version, and the fields with their expiry; about 45 bytes for a plain socket.
// Authenticated, not encrypted: edges may read it, clients never see it.
// Immutable; any thread.
class ResumeBlobs {
 public:
  static constexpr size_t kKeyBytes = 32;

  // Keys of kKeyBytes each: the first one seals, all open, so that a key can be
  // replaced while blobs made with the old one live.
  ResumeBlobs(std::vector<std::string> keys, absl::Duration ttl,
              uint32_t bytes_max);

  // Keys that are read from a file (`broker/options.h`); without a file, one
  // that dies with the process.
  static absl::StatusOr<std::vector<std::string>> LoadKeys(
      const std::string& file);

  // RESOURCE_EXHAUSTED for a socket whose blob would be too large.
  absl::StatusOr<std::string> Seal(const ResumeFields& fields,
                                   absl::Time now) const;

  // UNAUTHENTICATED for what none of the keys has sealed, DEADLINE_EXCEEDED for
  // what has expired.
  absl::StatusOr<ResumeFields> Open(absl::string_view blob,
                                    absl::Time now) const;

 private:
  const std::vector<std::string> keys_;
  const absl::Duration ttl_;
  const uint32_t bytes_max_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_RESUME_BLOB_H_
