#include "edge/socket/admission.h"

#include <algorithm>
#include <cmath>

namespace aerie::edge {
namespace {

// Clients that come too early are given turns again and again, so that the last
// turn is later than it would be.
constexpr double kRetryMaxMs = 10'000;

}  // namespace

Admission::Admission(const Limits& limits, uint32_t threads, const Clock& clock)
    : clock_(clock),
      per_ms_(limits.connects_per_second / 1000.0 / threads),
      connects_(per_ms_ * 1000, clock.NowMs()) {}

bool Admission::Admit() {
  return per_ms_ == 0 || connects_.Take(clock_.NowMs());
}

uint32_t Admission::RetryAfterS() {
  const auto now_ms = static_cast<double>(clock_.NowMs());
  last_turn_ms_ = std::min(std::max(last_turn_ms_, now_ms) + 1 / per_ms_,
                           now_ms + kRetryMaxMs);
  return static_cast<uint32_t>(std::ceil((last_turn_ms_ - now_ms) / 1000));
}

}  // namespace aerie::edge
