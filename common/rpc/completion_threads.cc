#include "common/rpc/completion_threads.h"

#include <utility>

namespace aerie::rpc {

void CompletionThreads::Add(std::unique_ptr<grpc::CompletionQueue> queue) {
  grpc::CompletionQueue& added = *queue;
  queues_.push_back(std::move(queue));
  threads_.emplace_back([&added] {
    void* tag = nullptr;
    bool ok = false;
    while (added.Next(&tag, &ok)) static_cast<Operation*>(tag)->Done(ok);
  });
}

void CompletionThreads::Stop() {
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  queues_.clear();
}

}  // namespace aerie::rpc
