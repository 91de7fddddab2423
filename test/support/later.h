#ifndef AERIE_TEST_SUPPORT_LATER_H_
#define AERIE_TEST_SUPPORT_LATER_H_

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace aerie::testing {

// Runs things later, on a thread of its own: what a host that is elsewhere, or
// slow, looks like to a shard. What is still due at destruction is dropped.
class Later {
 public:
  Later();
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  ~Later();

  // Any thread. Things due at the same time run in the order of their calls.
  void In(std::chrono::milliseconds delay, absl::AnyInvocable<void()> what);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, absl::AnyInvocable<void()>> due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_LATER_H_
