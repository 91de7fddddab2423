#ifndef AERIE_BROKER_SHARD_LOOP_H_
#define AERIE_BROKER_SHARD_LOOP_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "broker/metrics.h"
#include "broker/shard/inbox.h"
#include "common/clock.h"

namespace aerie::broker {

// A thread, its inbox and its timers. What one loop owns is touched in its
// turns only: a turn takes all that the inbox holds, runs it in order, then the
// timers that are due. Turns never overlap. They run on the loop's thread, or,
// while that sleeps, on one that has something small for the loop: waking a
// thread costs more than most turns. Phoenix: a scheduler, as far as one shard
// sees it.
//
// Lives as long as what posts to it. Without Start there is no thread: tests
// drive the turns on their own.
class Loop {
 public:
  using Task = Inbox::Task;
  // Deadline and a number that tells equal deadlines apart.
  using Timer = std::pair<int64_t, uint64_t>;

  // `number` tells it from the other loops of the process.
  Loop(const Clock& clock, uint64_t inbox_bytes_max, Metrics& metrics,
       uint16_t number = 0);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs when the tasks of a turn have run, before what they leave for its end
  // (AtTurnEnd). Set before Start.
  void AfterTurn(Task task) { after_turn_ = std::move(task); }

  // The loop whose turn this thread is in; null outside of turns.
  static Loop* Current() { return current_; }
  uint16_t number() const { return number_; }

  void Start();
  // Ends after the turn in progress; what is queued then is dropped.
  void Stop();

  // Any thread.

  // Queues a task that holds `bytes`. False when the inbox is full already;
  // `task` is untouched then. Tasks of one thread keep their order.
  [[nodiscard]] bool Post(Task&& task, uint64_t bytes);
  // The same, and runs the turn on this thread if the loop's own one sleeps.
  [[nodiscard]] bool PostHere(Task&& task, uint64_t bytes);
  // Queues a task that must not be lost, such as a socket's end.
  void PostAlways(Task task);
  // Whether a turn has been going on for seconds: something in it blocks.
  bool Stuck() const;

  const Clock& clock() const { return clock_; }

  // This loop only.

  // Ends the process unless it is called in a turn of this loop.
  void CheckInTurn() const {
    if (current_ != this) FailCheck();
  }
  // Runs `task` in a turn at or after `delay_ms` from now.
  Timer After(int64_t delay_ms, Task task);
  void Cancel(const Timer& timer);
  // Runs `task`, once, when everything else of this turn has run: for what is
  // better done once than for each task.
  void AtTurnEnd(Task task) { at_turn_end_.push_back(std::move(task)); }

  // Tests, on a loop without thread.

  // One turn; false when there was nothing to do.
  bool RunOnce();
  void RunUntilIdle() {
    while (RunOnce()) {
    }
  }

 private:
  [[noreturn]] static void FailCheck();
  void RunThread();
  // Queues a task; `if_asleep` sees to it that it is run.
  bool Queue(Task&& task, uint64_t bytes, void (Loop::*if_asleep)());
  void Wake();
  // A turn on the calling thread, if the loop's own one still sleeps.
  void Lend();
  int64_t NextTimerAtMs() const;
  bool RunDueTimers();
  void EndTurn();

  static thread_local Loop* current_;
  // Between turns.
  static constexpr int64_t kResting = std::numeric_limits<int64_t>::max();

  const Clock& clock_;
  Metrics& metrics_;
  const uint16_t number_;
  Task after_turn_;
  std::thread thread_;
  std::atomic<int64_t> turn_since_ms_{kResting};

  Inbox inbox_;

  // The loop's own.
  std::vector<Task> tasks_;
  uint64_t timers_made_ = 0;
  std::map<Timer, Task> timers_;
  std::vector<Task> at_turn_end_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_LOOP_H_
