#include "test/support/later.h"

#include <utility>

namespace aerie::testing {

Later::Later() : thread_([this] { Run(); }) {}

Later::~Later() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Later::In(std::chrono::milliseconds delay,
               absl::AnyInvocable<void()> what) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    due_.emplace(std::chrono::steady_clock::now() + delay, std::move(what));
  }
  changed_.notify_one();
}

void Later::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Time next = due_.begin()->first;
    if (std::chrono::steady_clock::now() < next) {
      changed_.wait_until(lock, next);
      continue;
    }
    auto what = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    lock.unlock();
    what();
    lock.lock();
  }
}

}  // namespace aerie::testing
