#ifndef AERIE_EDGE_LINK_TABLE_THREAD_H_
#define AERIE_EDGE_LINK_TABLE_THREAD_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "edge/link/linked_thread.h"
#include "edge/socket/socket_table.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// The thread that a SocketTable lives on.
class TableThread final : public LinkedThread {
 public:
  // Without a delay: any thread.
  using PostFunction = std::function<void(std::chrono::microseconds delay,
                                          absl::AnyInvocable<void()> turn)>;

  TableThread(PostFunction post, SocketTable& table)
      : post_(std::move(post)), table_(table) {}

  void Post(absl::AnyInvocable<void()> turn) override {
    post_(std::chrono::microseconds::zero(), std::move(turn));
  }
  void PostAfter(std::chrono::microseconds delay,
                 absl::AnyInvocable<void()> turn) override {
    post_(delay, std::move(turn));
  }
  void LinkUp(uint64_t epoch) override {
    table_.LinkUp(epoch);
    linked_ = true;
  }
  void Apply(const v1::BrokerFrame& frame) override { table_.Apply(frame); }
  void LinkLost() override {
    linked_ = false;
    table_.LinkLost();
  }

  // Whether the table knows of a link, a turn after there is one. Any thread.
  bool linked() const { return linked_; }

 private:
  const PostFunction post_;
  SocketTable& table_;
  std::atomic<bool> linked_{false};
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_TABLE_THREAD_H_
