#include "edge/socket/uplink.h"

#include <algorithm>

namespace aerie::edge {

Uplink::Uplink(Upstream& upstream, const Limits& limits, uint32_t threads,
               const Clock& clock)
    : upstream_(upstream),
      clock_(clock),
      joins_per_ms_(limits.relink_joins_per_second / 1000.0 / threads),
      joins_max_(std::max(1.0, joins_per_ms_ * 1000)),
      storm_ms_(limits.relink_storm_ms) {}

void Uplink::Up(uint64_t epoch) {
  epoch_ = epoch;
  if (linked_before_) {
    joins_at_ms_ = clock_.NowMs();
    storm_until_ms_ = joins_at_ms_ + storm_ms_;
    joins_ = joins_max_;
  }
  linked_before_ = true;
}

bool Uplink::AdmitJoin() {
  const int64_t now_ms = clock_.NowMs();
  if (now_ms >= storm_until_ms_) return true;
  const double waited_ms = static_cast<double>(now_ms - joins_at_ms_);
  joins_ = std::min(joins_max_, joins_ + waited_ms * joins_per_ms_);
  joins_at_ms_ = now_ms;
  if (joins_ < 1) return false;
  joins_ -= 1;
  return true;
}

}  // namespace aerie::edge
