#include "edge/socket/canary.h"

#include <utility>

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {
namespace {

constexpr uint32_t kSinceMinor = 4;

}  // namespace

Canary::Canary(Uplink& uplink, const Limits& limits, Metrics& metrics,
               const Clock& clock)
    : uplink_(uplink),
      interval_ms_(limits.canary_interval_ms),
      metrics_(metrics),
      clock_(clock),
      sent_at_ms_(clock.NowMs() - interval_ms_),
      heard_from_ms_(clock.NowMs()) {}

void Canary::Welcomed(uint32_t minor) {
  answered_ = minor >= kSinceMinor;
  if (answered_ && !expected_) heard_from_ms_ = clock_.NowMs();
  expected_ = answered_;
}

void Canary::LinkLost() {
  answered_ = false;
  number_ = 0;
}

bool Canary::Due() const {
  return answered_ && number_ == 0 &&
         clock_.NowMs() - sent_at_ms_ >= interval_ms_;
}

void Canary::Send(uint64_t number) {
  number_ = number;
  sent_at_ms_ = clock_.NowMs();
  v1::EdgeFrame frame;
  frame.set_socket(number);
  frame.mutable_canary();
  uplink_.Send(std::move(frame));
}

void Canary::Heard(uint64_t number) {
  if (number != number_) return;
  number_ = 0;
  heard_from_ms_ = sent_at_ms_;
  metrics_.canary.Observe(static_cast<double>(clock_.NowMs() - sent_at_ms_) /
                          1000);
}

int64_t Canary::AgeMs() const {
  return expected_ ? clock_.NowMs() - heard_from_ms_ : 0;
}

}  // namespace aerie::edge
