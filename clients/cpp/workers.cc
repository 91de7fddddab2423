#include "clients/cpp/workers.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "clients/cpp/limits.h"

namespace aerie::client {
namespace {

// A task that has waited for this long gets a thread of its own.
constexpr std::chrono::milliseconds kPatience{5};
// A thread above the wanted number goes when it has had nothing to do.
constexpr std::chrono::seconds kIdle{5};
constexpr std::chrono::milliseconds kCloseGrace{limits::kCloseGraceMs};

}  // namespace

struct Workers::State : std::enable_shared_from_this<State> {
  void Work();
  // Adds threads when nobody takes what waits.
  void Watch();
  // With the lock, as what follows.
  void Start();
  bool Waits() const { return tasks.size() > idle; }

  size_t wanted = 0;
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable busy;
  std::condition_variable over;
  std::deque<Task> tasks;
  uint64_t taken = 0;
  size_t threads = 0;
  size_t idle = 0;
  bool stopping = false;
};

void Workers::State::Start() {
  ++threads;
  std::thread([self = shared_from_this()] { self->Work(); }).detach();
}

void Workers::State::Work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    ++idle;
    const bool woken = work.wait_for(
        lock, kIdle, [this] { return !tasks.empty() || stopping; });
    --idle;
    if (!tasks.empty()) {
      Task task = std::move(tasks.front());
      tasks.pop_front();
      ++taken;
      lock.unlock();
      task();
      task = nullptr;  // What it holds is freed without the lock.
      lock.lock();
      continue;
    }
    if (stopping || (!woken && threads > wanted)) break;
  }
  --threads;
  over.notify_all();
}

void Workers::State::Watch() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!stopping) {
    busy.wait(lock, [this] { return stopping || Waits(); });
    const uint64_t before = taken;
    over.wait_for(lock, kPatience, [this] { return stopping; });
    if (!stopping && Waits() && taken == before &&
        threads < limits::kThreadsMax) {
      Start();
    }
  }
  --threads;
  over.notify_all();
}

Workers::Workers(size_t threads) : state_(std::make_shared<State>()) {
  state_->wanted =
      threads != 0 ? threads
                   : std::max<size_t>(1, std::thread::hardware_concurrency());
  std::lock_guard<std::mutex> lock(state_->mutex);
  for (size_t i = 0; i < state_->wanted; ++i) state_->Start();
  ++state_->threads;
  ++state_->wanted;  // The watcher is one of them.
  std::thread([state = state_] { state->Watch(); }).detach();
}

Workers::~Workers() { Close(); }

void Workers::Close() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->stopping = true;
  state_->work.notify_all();
  state_->busy.notify_all();
  state_->over.notify_all();
}

void Workers::Stop() {
  Close();
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->over.wait_for(lock, kCloseGrace,
                        [this] { return state_->threads == 0; });
}

void Workers::Post(Task task) {
  bool waits = false;
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->stopping) return;
    state_->tasks.push_back(std::move(task));
    waits = state_->Waits();
  }
  state_->work.notify_one();
  if (waits) state_->busy.notify_one();
}

}  // namespace aerie::client
