#ifndef AERIE_COMMON_RPC_STRAND_H_
#define AERIE_COMMON_RPC_STRAND_H_

#include <memory>

#include "absl/functional/any_invocable.h"

namespace aerie::rpc {

// Runs turns one after another, in the order in which they were posted: what a
// Loop does, without a thread of its own. A turn runs on the thread that posts
// it, unless another one is running turns just now: then that one takes it.
// So the state of a stream is owned by its strand, and a message is handled
// where gRPC delivers it. A turn must not block.
//
// Any thread. A turn may destroy the Strand; turns still posted run all the
// same, so they hold what they need.
class Strand {
 public:
  using Turn = absl::AnyInvocable<void()>;

  Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  // From inside a turn: runs after it.
  void Post(Turn turn);

 private:
  struct Inbox;

  const std::shared_ptr<Inbox> inbox_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_STRAND_H_
