#include "broker/shard/loop.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "common/log.h"

namespace aerie::broker {
namespace {

// A loop without timers looks up once in a while all the same.
constexpr int64_t kSleepMsMax = 60'000;

// No turn should take a hundredth of it.
constexpr int64_t kStuckMs = 5'000;

// The inbox keeps its memory from turn to turn, but not that of a burst.
constexpr size_t kTasksKept = 4'096;

}  // namespace

thread_local const Loop* Loop::current_ = nullptr;

Loop::Loop(const Clock& clock, uint64_t inbox_bytes_max, Metrics& metrics)
    : clock_(clock), inbox_bytes_max_(inbox_bytes_max), metrics_(metrics) {}

Loop::~Loop() { Stop(); }

void Loop::Start() {
  thread_ = std::thread([this] { RunThread(); });
}

void Loop::Stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Loop::Post(Task&& task, uint64_t bytes) {
  bool wake = false;
  bool full;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    full = inbox_bytes_ >= inbox_bytes_max_;
    if (!full) {
      inbox_bytes_ += bytes;
      inbox_.push_back(std::move(task));
      wake = sleeping_;
    }
  }
  if (full) metrics_.inbox_refused.Increment();
  if (wake) wake_.notify_one();
  return !full;
}

void Loop::PostAlways(Task task) {
  bool wake;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    inbox_.push_back(std::move(task));
    wake = sleeping_;
  }
  if (wake) wake_.notify_one();
}

bool Loop::Stuck() const {
  const int64_t since_ms = turn_since_ms_;
  return since_ms != kResting && clock_.NowMs() - since_ms >= kStuckMs;
}

void Loop::FailCheck() {
  log::Error("called outside its loop");
  std::abort();
}

Loop::Timer Loop::After(int64_t delay_ms, Task task) {
  CheckInTurn();
  const Timer timer(clock_.NowMs() + delay_ms, ++timers_made_);
  timers_.emplace(timer, std::move(task));
  return timer;
}

void Loop::Cancel(const Timer& timer) {
  CheckInTurn();
  timers_.erase(timer);
}

void Loop::RunThread() {
  while (Wait()) RunOnce();
}

bool Loop::Wait() {
  const auto until_timer = std::chrono::milliseconds(UntilNextTimerMs());
  std::unique_lock<std::mutex> lock(mutex_);
  if (inbox_.empty() && !stopping_ && until_timer.count() > 0) {
    sleeping_ = true;
    wake_.wait_for(lock, until_timer,
                   [this] { return !inbox_.empty() || stopping_; });
    sleeping_ = false;
  }
  return !stopping_;
}

int64_t Loop::UntilNextTimerMs() const {
  if (timers_.empty()) return kSleepMsMax;
  return std::clamp<int64_t>(timers_.begin()->first.first - clock_.NowMs(), 0,
                             kSleepMsMax);
}

bool Loop::RunOnce() {
  uint64_t bytes;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.swap(inbox_);
    bytes = std::exchange(inbox_bytes_, 0);
  }
  turn_since_ms_ = clock_.NowMs();
  const auto start = std::chrono::steady_clock::now();
  const Loop* const outer = std::exchange(current_, this);
  if (bytes != 0) metrics_.inbox_bytes.Increment(static_cast<double>(bytes));

  const bool had_tasks = !tasks_.empty();
  for (Task& task : tasks_) task();
  tasks_.clear();
  if (tasks_.capacity() > kTasksKept) tasks_.shrink_to_fit();
  const bool had_timers = RunDueTimers();
  const bool busy = had_tasks || had_timers;
  if (busy && after_turn_) after_turn_();

  if (bytes != 0) metrics_.inbox_bytes.Decrement(static_cast<double>(bytes));
  current_ = outer;
  turn_since_ms_ = kResting;
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  if (busy) metrics_.turn_seconds.Observe(took.count());
  return busy;
}

bool Loop::RunDueTimers() {
  bool any = false;
  const int64_t now = clock_.NowMs();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
    any = true;
  }
  return any;
}

}  // namespace aerie::broker
