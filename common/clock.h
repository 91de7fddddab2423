#ifndef AERIE_COMMON_CLOCK_H_
#define AERIE_COMMON_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"

namespace aerie {

// Time, so that tests can hold it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds of a clock that never goes back; only differences mean
  // anything.
  virtual int64_t NowMs() const = 0;

  // The time of day, for expiries and logs.
  virtual absl::Time Now() const = 0;

  // The machine's own clock.
  static const Clock& Real();
};

// Stands still until it is told to go.
class FakeClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms_; }
  absl::Time Now() const override { return absl::FromUnixMillis(now_ms_); }
  void AdvanceMs(int64_t ms) { now_ms_ += ms; }

 private:
  int64_t now_ms_ = 1'000'000;
};

}  // namespace aerie

#endif  // AERIE_COMMON_CLOCK_H_
