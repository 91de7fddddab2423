#include "broker/shard/loop.h"

#include <chrono>
#include <cstdlib>
#include <limits>

#include "common/log.h"

namespace aerie::broker {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// No turn should take a hundredth of it.
constexpr int64_t kStuckMs = 5'000;

// The inbox keeps its memory from turn to turn, but not that of a burst.
constexpr size_t kTasksKept = 4'096;

}  // namespace

thread_local Loop* Loop::current_ = nullptr;

Loop::Loop(const Clock& clock, uint64_t inbox_bytes_max, Metrics& metrics,
           uint16_t number)
    : clock_(clock),
      inbox_bytes_max_(inbox_bytes_max),
      metrics_(metrics),
      number_(number) {}

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
  bool sleeping;
  if (!Push(std::move(task), bytes, sleeping)) return false;
  if (sleeping) wake_.notify_one();
  return true;
}

// Not inside the turn of another loop: that one would wait for this.
bool Loop::PostHere(Task&& task, uint64_t bytes) {
  bool sleeping;
  if (!Push(std::move(task), bytes, sleeping)) return false;
  if (!sleeping) return true;
  current_ == nullptr ? Lend() : wake_.notify_one();
  return true;
}

bool Loop::Push(Task&& task, uint64_t bytes, bool& sleeping) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (inbox_bytes_ < inbox_bytes_max_) {
      inbox_bytes_ += bytes;
      inbox_.push_back(std::move(task));
      sleeping = sleeping_;
      return true;
    }
  }
  metrics_.inbox_refused.Increment();
  return false;
}

void Loop::Lend() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!sleeping_ || lent_ || stopping_) return;
    lent_ = true;
  }
  RunOnce();
  bool wake;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    lent_ = false;
    wake = stopping_ || !inbox_.empty() || NextTimerAtMs() < wakes_at_ms_;
  }
  if (wake) wake_.notify_one();
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
  std::unique_lock<std::mutex> lock(mutex_);
  sleeping_ = true;
  for (;;) {
    if (lent_) {
      wakes_at_ms_ = kNever;
      wake_.wait(lock);
      continue;
    }
    if (stopping_ || !inbox_.empty()) break;
    wakes_at_ms_ = NextTimerAtMs();
    if (wakes_at_ms_ == kNever) {
      wake_.wait(lock);
      continue;
    }
    const int64_t ms = wakes_at_ms_ - clock_.NowMs();
    if (ms <= 0) break;
    wake_.wait_for(lock, std::chrono::milliseconds(ms));
  }
  sleeping_ = false;
  return !stopping_;
}

int64_t Loop::NextTimerAtMs() const {
  return timers_.empty() ? kNever : timers_.begin()->first.first;
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
  Loop* const outer = std::exchange(current_, this);
  if (bytes != 0) metrics_.inbox_bytes.Increment(static_cast<double>(bytes));

  const bool had_tasks = !tasks_.empty();
  for (Task& task : tasks_) task();
  tasks_.clear();
  if (tasks_.capacity() > kTasksKept) tasks_.shrink_to_fit();
  const bool had_timers = RunDueTimers();
  const bool busy = had_tasks || had_timers;
  if (busy) EndTurn();

  if (bytes != 0) metrics_.inbox_bytes.Decrement(static_cast<double>(bytes));
  current_ = outer;
  turn_since_ms_ = kResting;
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  if (busy) metrics_.turn_seconds.Observe(took.count());
  return busy;
}

// What a turn has counted is published before what it has said leaves. By
// index: a task may add another one.
void Loop::EndTurn() {
  if (after_turn_) after_turn_();
  for (size_t i = 0; i < at_turn_end_.size(); ++i) {
    Task task = std::move(at_turn_end_[i]);
    task();
  }
  at_turn_end_.clear();
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
