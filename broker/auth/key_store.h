#ifndef AERIE_BROKER_AUTH_KEY_STORE_H_
#define AERIE_BROKER_AUTH_KEY_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/auth/jws_key.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "common/clock.h"

namespace aerie::broker {

// The keys that tokens are checked with: those of the configuration, and those
// of a JWKS file, which is read again when it changes. What can't be used then
// is logged and counted, and the old keys stay. Any thread.
class KeyStore {
 public:
  // INVALID_ARGUMENT or NOT_FOUND says which key can't be used.
  static absl::StatusOr<std::unique_ptr<KeyStore>> Create(
      const JwtOptions& options, const Limits& limits, const Clock& clock,
      Metrics& metrics);

  // Never null. Looks at the file when nobody has done so for a second; who
  // finds it changed reads it, which takes far less than a millisecond.
  std::shared_ptr<const JwsKeys> Keys();

 private:
  KeyStore(JwsKeys configured, std::string file, const Limits& limits,
           const Clock& clock, Metrics& metrics);

  void LookAtFile();
  // Takes the configured keys and those of the file.
  absl::Status Load();

  const JwsKeys configured_;
  const std::string file_;  // Empty: there is none.
  const Limits& limits_;
  const Clock& clock_;
  Metrics& metrics_;

  std::atomic<int64_t> next_look_ms_;
  std::atomic<bool> looking_{false};
  std::string signature_;  // Of the file as read last. The looker's own.
  // Through std::atomic_load and std::atomic_store only: see Socket::grant.
  std::shared_ptr<const JwsKeys> keys_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_KEY_STORE_H_
