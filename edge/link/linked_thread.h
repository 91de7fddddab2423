#ifndef AERIE_EDGE_LINK_LINKED_THREAD_H_
#define AERIE_EDGE_LINK_LINKED_THREAD_H_

#include <chrono>
#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// One io thread of the edge, as the link sees it: where turns are posted, and
// what applies the broker's frames there.
class LinkedThread {
 public:
  virtual ~LinkedThread() = default;

  // Runs a turn on the thread, behind those posted before. Any thread.
  virtual void Post(absl::AnyInvocable<void()> turn) = 0;

  // The same, after a while. On the thread.
  virtual void PostAfter(std::chrono::microseconds delay,
                         absl::AnyInvocable<void()> turn) = 0;

  // On the thread, as SocketTable's.
  virtual void LinkUp(uint64_t epoch) = 0;
  virtual void Apply(const v1::BrokerFrame& frame) = 0;
  virtual void LinkLost() = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_LINKED_THREAD_H_
