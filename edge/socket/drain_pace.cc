#include "edge/socket/drain_pace.h"

#include <algorithm>

namespace aerie::edge {

size_t DrainPace::DueBy(int64_t elapsed_ms) const {
  if (elapsed_ms < 0) return 0;
  if (elapsed_ms >= window_ms_) return count_;
  const uint64_t due = static_cast<uint64_t>(count_) *
                       static_cast<uint64_t>(elapsed_ms) /
                       static_cast<uint64_t>(window_ms_);
  return std::min(count_, static_cast<size_t>(due) + 1);
}

}  // namespace aerie::edge
