#ifndef AERIE_EDGE_LINK_TESTING_FAKE_LINKED_THREAD_H_
#define AERIE_EDGE_LINK_TESTING_FAKE_LINKED_THREAD_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "edge/link/linked_thread.h"

namespace aerie::edge {

// Keeps what is posted until the test runs it, and records what is applied.
class FakeLinkedThread final : public LinkedThread {
 public:
  void Post(absl::AnyInvocable<void()> turn) override {
    turns_.push_back(std::move(turn));
  }
  void PostAfter(std::chrono::microseconds delay,
                 absl::AnyInvocable<void()> turn) override {
    delays_.push_back(delay);
    Post(std::move(turn));
  }

  void LinkUp(uint64_t epoch) override {
    log_.push_back(absl::StrCat("up ", epoch));
  }
  void Apply(const v1::BrokerFrame& frame) override {
    log_.push_back(frame.has_fanout()
                       ? absl::StrCat("fanout ", frame.fanout().groups())
                       : absl::StrCat("socket ", frame.socket()));
  }
  void LinkLost() override { log_.push_back("lost"); }

  void RunOne() {
    absl::AnyInvocable<void()> turn = std::move(turns_.front());
    turns_.pop_front();
    turn();
  }
  void RunAll() {
    while (!turns_.empty()) RunOne();
  }
  size_t posted() const { return turns_.size(); }
  // Of the turns that were posted for later.
  std::vector<std::chrono::microseconds> TakeDelays() {
    return std::exchange(delays_, {});
  }

  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }

 private:
  std::deque<absl::AnyInvocable<void()>> turns_;
  std::vector<std::chrono::microseconds> delays_;
  std::vector<std::string> log_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_TESTING_FAKE_LINKED_THREAD_H_
