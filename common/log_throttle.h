#ifndef AERIE_COMMON_LOG_THROTTLE_H_
#define AERIE_COMMON_LOG_THROTTLE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace aerie::log {

// Which warnings and errors are written: of each event, so many a second.
// Events are counted by their hash; two that share a cell share its budget,
// which costs a line at worst. Any thread, without locks.
class Throttle {
 public:
  static constexpr uint32_t kLinesPerSecond = 10;

  // Nothing: leave this line out. A number: write it; so many lines before it
  // were left out since the last one that was written.
  std::optional<uint32_t> Admit(absl::string_view event, int64_t now_ms);

 private:
  // High half: the second; low half: the event's lines in it.
  std::array<std::atomic<uint64_t>, 512> cells_{};
};

}  // namespace aerie::log

#endif  // AERIE_COMMON_LOG_THROTTLE_H_
