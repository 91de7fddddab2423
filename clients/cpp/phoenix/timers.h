#ifndef AERIE_CLIENTS_CPP_PHOENIX_TIMERS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TIMERS_H_

#include <cstdint>
#include <functional>

namespace aerie::client::phx {

// Time, as a socket knows it. One thread: the socket's.
class Timers {
 public:
  // Never 0.
  using Id = uint64_t;

  virtual ~Timers() = default;

  // Calls `fire` once, in `ms` milliseconds, and never inside of this call.
  virtual Id Start(int64_t ms, std::function<void()> fire) = 0;
  // Of one that has fired: nothing.
  virtual void Cancel(Id id) = 0;
};

// Goes off once unless it is cancelled or destroyed before.
class Alarm {
 public:
  explicit Alarm(Timers& timers) : timers_(timers) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() { Cancel(); }

  // Replaces what was set before. `fire` may destroy the alarm.
  void Set(int64_t ms, std::function<void()> fire);
  void Cancel();

 private:
  Timers& timers_;
  Timers::Id id_ = 0;  // 0: not set.
};

// Tries again, each time after a pause of its own. phoenix.js: Timer.
class RetryTimer {
 public:
  // Milliseconds before the given try; the first is 1.
  using AfterMs = std::function<int64_t(int tries)>;

  RetryTimer(Timers& timers, AfterMs after_ms, std::function<void()> retry);

  // One more try, unless one is due already: that one's pause begins anew.
  void Schedule();
  // Cancels it, and the next one is the first again.
  void Reset();
  // Cancels it; the next one is what it was.
  void Cancel() { alarm_.Cancel(); }

 private:
  const AfterMs after_ms_;
  const std::function<void()> retry_;
  Alarm alarm_;
  int tries_ = 0;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TIMERS_H_
