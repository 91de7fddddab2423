#ifndef AERIE_COMMON_RPC_COMPLETION_THREADS_H_
#define AERIE_COMMON_RPC_COMPLETION_THREADS_H_

#include <memory>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"

namespace aerie::rpc {

// gRPC's completion queues, each with one thread on which everything that
// completes is handled. gRPC's callback API has its threads hand each event
// over to one another, which costs more than the event. Made, stopped and
// destroyed on one thread, none of its own.
class CompletionThreads {
 public:
  // What the tags of operations point to.
  class Operation {
   public:
    // On the queue's thread. Not `ok`: the operation did not take place.
    virtual void Done(bool ok) = 0;

   protected:
    ~Operation() = default;
  };

  CompletionThreads() = default;
  CompletionThreads(const CompletionThreads&) = delete;
  CompletionThreads& operator=(const CompletionThreads&) = delete;
  ~CompletionThreads() { Stop(); }

  void Add(std::unique_ptr<grpc::CompletionQueue> queue);

  // When no new operations begin any more: handles what is left.
  void Stop();

 private:
  std::vector<std::unique_ptr<grpc::CompletionQueue>> queues_;
  std::vector<std::thread> threads_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_COMPLETION_THREADS_H_
