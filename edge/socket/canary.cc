#include "edge/socket/canary.h"

#include <utility>

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {
namespace {

constexpr uint32_t kSinceMinor = 4;

}  // namespace

Canary::Canary(uint32_t thread, Uplink& uplink, const Limits& limits,
               Metrics& metrics, const Clock& clock)
    : uplink_(uplink),
      sends_(thread == 0),
      interval_ms_(limits.canary_interval_ms),
      metrics_(metrics),
      clock_(clock),
      sent_at_ms_(clock.NowMs() - interval_ms_),
      heard_at_ms_(clock.NowMs()) {}

void Canary::Welcomed(uint32_t minor) {
  answered_ = minor >= kSinceMinor;
  if (answered_ && !expected_) heard_at_ms_ = clock_.NowMs();
  expected_ = answered_;
}

void Canary::LinkLost() {
  answered_ = false;
  under_way_ = false;
}

void Canary::Tick() {
  if (!sends_ || !answered_ || under_way_ ||
      clock_.NowMs() - sent_at_ms_ < interval_ms_) {
    return;
  }
  under_way_ = true;
  sent_at_ms_ = clock_.NowMs();
  v1::EdgeFrame frame;
  frame.mutable_canary();
  uplink_.Send(std::move(frame));
}

void Canary::Heard() {
  heard_at_ms_ = clock_.NowMs();
  if (!std::exchange(under_way_, false)) return;
  metrics_.canary.Observe(static_cast<double>(heard_at_ms_ - sent_at_ms_) /
                          1000);
}

int64_t Canary::AgeMs() const {
  return expected_ ? clock_.NowMs() - heard_at_ms_ : 0;
}

}  // namespace aerie::edge
