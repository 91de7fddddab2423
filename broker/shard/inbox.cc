#include "broker/shard/inbox.h"

#include <chrono>
#include <utility>

namespace aerie::broker {

Inbox::Pushed Inbox::Push(Task&& task, uint64_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (bytes_ >= bytes_max_) return Pushed::kFull;
  bytes_ += bytes;
  tasks_.push_back(std::move(task));
  return sleeping_ ? Pushed::kAsleep : Pushed::kAwake;
}

Inbox::Pushed Inbox::PushAlways(Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  tasks_.push_back(std::move(task));
  return sleeping_ ? Pushed::kAsleep : Pushed::kAwake;
}

void Inbox::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  Wake();
}

bool Inbox::Borrow() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!sleeping_ || lent_ || stopping_) return false;
  lent_ = true;
  return true;
}

void Inbox::GiveBack(NextTimer next_timer) {
  bool wake;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    lent_ = false;
    wake = stopping_ || !tasks_.empty() || next_timer() < wakes_at_ms_;
  }
  if (wake) Wake();
}

uint64_t Inbox::Take(std::vector<Task>& tasks) {
  std::lock_guard<std::mutex> lock(mutex_);
  tasks.swap(tasks_);
  return std::exchange(bytes_, 0);
}

bool Inbox::Wait(NextTimer next_timer, const Clock& clock) {
  std::unique_lock<std::mutex> lock(mutex_);
  sleeping_ = true;
  for (;;) {
    if (lent_) {
      wakes_at_ms_ = kNever;
      wake_.wait(lock);
      continue;
    }
    if (stopping_ || !tasks_.empty()) break;
    wakes_at_ms_ = next_timer();
    if (wakes_at_ms_ == kNever) {
      wake_.wait(lock);
      continue;
    }
    const int64_t ms = wakes_at_ms_ - clock.NowMs();
    if (ms <= 0) break;
    wake_.wait_for(lock, std::chrono::milliseconds(ms));
  }
  sleeping_ = false;
  return !stopping_;
}

}  // namespace aerie::broker
