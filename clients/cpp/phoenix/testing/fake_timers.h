#ifndef AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_TIMERS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_TIMERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "clients/cpp/phoenix/timers.h"

namespace aerie::client::phx {

// Time that stands still until it is told to go.
class FakeTimers final : public Timers {
 public:
  Id Start(int64_t ms, std::function<void()> fire) override {
    const Id id = ++last_id_;
    due_.emplace(std::make_pair(now_ms_ + ms, id), std::move(fire));
    return id;
  }
  void Cancel(Id id) override {
    for (auto one = due_.begin(); one != due_.end(); ++one) {
      if (one->first.second != id) continue;
      due_.erase(one);
      return;
    }
  }

  // Fires what is due on the way, in order.
  void Advance(int64_t ms) {
    const int64_t end = now_ms_ + ms;
    while (!due_.empty() && due_.begin()->first.first <= end) {
      auto next = due_.extract(due_.begin());
      now_ms_ = next.key().first;
      next.mapped()();
    }
    now_ms_ = end;
  }

  // Milliseconds to what is due next; -1: nothing is.
  int64_t NextMs() const {
    return due_.empty() ? -1 : due_.begin()->first.first - now_ms_;
  }

 private:
  int64_t now_ms_ = 0;
  Id last_id_ = 0;
  std::map<std::pair<int64_t, Id>, std::function<void()>> due_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TESTING_FAKE_TIMERS_H_
