#include "broker/shard/loop.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "common/log.h"

namespace aerie::broker {
namespace {

// No turn should take a hundredth of it.
constexpr int64_t kStuckMs = 5'000;

// The inbox keeps its memory from turn to turn, but not that of a burst.
constexpr size_t kTasksKept = 4'096;

}  // namespace

thread_local Loop* Loop::current_ = nullptr;

Loop::Loop(const Clock& clock, uint64_t inbox_bytes_max, Metrics& metrics,
           uint16_t number)
    : clock_(clock),
      metrics_(metrics),
      number_(number),
      inbox_(inbox_bytes_max) {}

Loop::~Loop() { Stop(); }

void Loop::Start() {
  thread_ = std::thread([this] { RunThread(); });
}

void Loop::Stop() {
  if (!thread_.joinable()) return;
  inbox_.Stop();
  thread_.join();
}

bool Loop::Post(Task&& task, uint64_t bytes) {
  return Queue(std::move(task), bytes, &Loop::Wake);
}

// Not inside the turn of another loop: that one would wait for this.
bool Loop::PostHere(Task&& task, uint64_t bytes) {
  return Queue(std::move(task), bytes,
               current_ == nullptr ? &Loop::Lend : &Loop::Wake);
}

bool Loop::Queue(Task&& task, uint64_t bytes, void (Loop::*if_asleep)()) {
  const Inbox::Pushed pushed = inbox_.Push(std::move(task), bytes);
  if (pushed == Inbox::Pushed::kFull) {
    metrics_.inbox_refused.Increment();
    return false;
  }
  if (pushed == Inbox::Pushed::kAsleep) (this->*if_asleep)();
  return true;
}

void Loop::Wake() { inbox_.Wake(); }

void Loop::Lend() {
  if (!inbox_.Borrow()) return;
  RunOnce();
  inbox_.GiveBack([this] { return NextTimerAtMs(); });
}

void Loop::PostAlways(Task task) {
  if (inbox_.PushAlways(std::move(task)) == Inbox::Pushed::kAsleep) Wake();
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
  const auto next_timer = [this] { return NextTimerAtMs(); };
  while (inbox_.Wait(next_timer, clock_)) RunOnce();
}

int64_t Loop::NextTimerAtMs() const {
  return timers_.empty() ? Inbox::kNever : timers_.begin()->first.first;
}

bool Loop::RunOnce() {
  const uint64_t bytes = inbox_.Take(tasks_);
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
