#ifndef AERIE_BROKER_POLL_POLL_TOKENS_H_
#define AERIE_BROKER_POLL_POLL_TOKENS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aerie::broker {

// Names the sessions of long polls towards their clients: AES-256-GCM over the
// broker that holds the session, the session and when it began, in unpadded
// base64 for URLs; 66 characters. Whoever has a token has the session; nobody
// can make one, and nothing can be read in it. Phoenix: Phoenix.Token, as
// Phoenix.Transports.LongPoll signs its topics. Immutable; any thread.
class PollTokens {
 public:
  // Phoenix's max_age for them.
  static constexpr absl::Duration kAgeMax = absl::Hours(24 * 14);

  // `keys` as for ResumeBlobs: what the first one seals, all open, so that a
  // key can be replaced while its tokens live. `broker` is this process' name.
  PollTokens(const std::vector<std::string>& keys, absl::string_view broker);

  // INTERNAL when the system has no random bytes.
  absl::StatusOr<std::string> Seal(uint64_t session, absl::Time now) const;

  // The session. UNAUTHENTICATED for what none of the keys has sealed,
  // DEADLINE_EXCEEDED for what is older than kAgeMax, NOT_FOUND for a session
  // of another broker.
  absl::StatusOr<uint64_t> Open(absl::string_view token, absl::Time now) const;

 private:
  std::vector<std::string> keys_;
  const uint64_t broker_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_POLL_TOKENS_H_
