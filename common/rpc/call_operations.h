#ifndef AERIE_COMMON_RPC_CALL_OPERATIONS_H_
#define AERIE_COMMON_RPC_CALL_OPERATIONS_H_

#include <atomic>

#include "common/rpc/completion_threads.h"

namespace aerie::rpc {

// The operations of one call that are under way. gRPC gives each tag back once,
// and the call must live until the last has come: once it is over (SetOver),
// `Call`'s OnOver runs behind the last of them.
template <typename Call>
class CallOperations {
 public:
  // One kind of operation, of which at most one is under way.
  class Operation final : public CompletionThreads::Operation {
   public:
    using Handler = void (Call::*)(bool ok);

    Operation(Call& call, CallOperations& operations, Handler handler)
        : call_(call), operations_(operations), handler_(handler) {}

    // The tag to begin with.
    void* Begin() {
      operations_.Hold();
      return static_cast<CompletionThreads::Operation*>(this);
    }

    void Done(bool ok) override {
      operations_.Acquire();
      (call_.*handler_)(ok);
      operations_.Release(call_);
    }

   private:
    Call& call_;
    CallOperations& operations_;
    const Handler handler_;
  };

  // The atomics order what a thread did before it began an operation before
  // what its handler does, for everyone to see.
  void Hold() { count_.fetch_add(1, std::memory_order_acq_rel); }
  void Release(Call& call) {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1 && over_) {
      call.OnOver();
    }
  }

  // No operation begins any more. Inside of a handler.
  void SetOver() { over_ = true; }

 private:
  void Acquire() { count_.fetch_add(0, std::memory_order_acq_rel); }

  std::atomic<int> count_{0};
  std::atomic<bool> over_{false};
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_CALL_OPERATIONS_H_
