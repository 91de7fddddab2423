#include "common/log_throttle.h"

#include "absl/hash/hash.h"

namespace aerie::log {

std::optional<uint32_t> Throttle::Admit(absl::string_view event,
                                        int64_t now_ms) {
  std::atomic<uint64_t>& cell =
      cells_[absl::Hash<absl::string_view>{}(event) % cells_.size()];
  const uint64_t second = static_cast<uint32_t>(now_ms / 1000);
  uint64_t seen = cell.load(std::memory_order_relaxed);
  uint64_t next;
  bool fresh;
  do {
    fresh = seen >> 32 != second;
    next = fresh ? second << 32 | 1 : seen + 1;
  } while (!cell.compare_exchange_weak(seen, next, std::memory_order_relaxed));
  const uint32_t before = static_cast<uint32_t>(seen);
  if (fresh) return before > kLinesPerSecond ? before - kLinesPerSecond : 0;
  if (before < kLinesPerSecond) return 0;
  return std::nullopt;
}

}  // namespace aerie::log
