#ifndef AERIE_COMMON_RPC_BACKOFF_H_
#define AERIE_COMMON_RPC_BACKOFF_H_

#include <cstdint>

namespace aerie::rpc {

// How long to wait before the next attempt: doubling from `min_ms` to `max_ms`,
// each wait drawn from its upper half, so that many who lost the same peer
// don't come back together. One thread at a time.
class Backoff {
 public:
  Backoff(uint32_t min_ms, uint32_t max_ms);

  // `random` is uniform in [0, 1).
  uint32_t NextMs(double random);
  // An attempt has succeeded.
  void Reset() { ceiling_ms_ = min_ms_; }

 private:
  const uint32_t min_ms_;
  const uint32_t max_ms_;
  uint32_t ceiling_ms_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_BACKOFF_H_
