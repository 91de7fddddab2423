#include "edge/socket/uplink.h"

namespace aerie::edge {

Uplink::Uplink(Upstream& upstream, const Limits& limits, uint32_t threads,
               const Clock& clock)
    : upstream_(upstream),
      clock_(clock),
      storm_ms_(limits.relink_storm_ms),
      joins_(static_cast<double>(limits.relink_joins_per_second) / threads,
             clock.NowMs()) {}

void Uplink::Up(uint64_t epoch) {
  epoch_ = epoch;
  if (linked_before_) {
    const int64_t now_ms = clock_.NowMs();
    storm_until_ms_ = now_ms + storm_ms_;
    joins_.Fill(now_ms);
  }
  linked_before_ = true;
}

bool Uplink::AdmitJoin() {
  const int64_t now_ms = clock_.NowMs();
  return now_ms >= storm_until_ms_ || joins_.Take(now_ms);
}

}  // namespace aerie::edge
