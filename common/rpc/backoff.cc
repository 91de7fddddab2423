#include "common/rpc/backoff.h"

#include <algorithm>

namespace aerie::rpc {

Backoff::Backoff(uint32_t min_ms, uint32_t max_ms)
    : min_ms_(min_ms), max_ms_(max_ms), ceiling_ms_(min_ms) {}

uint32_t Backoff::NextMs(double random) {
  const double ceiling = ceiling_ms_;
  ceiling_ms_ =
      ceiling_ms_ > max_ms_ / 2 ? max_ms_ : std::max(1u, 2 * ceiling_ms_);
  return static_cast<uint32_t>(ceiling / 2 + random * ceiling / 2);
}

}  // namespace aerie::rpc
