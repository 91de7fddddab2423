#include "common/rpc/server_queues.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace aerie::rpc {
namespace {

constexpr unsigned kQueuesMax = 8;

}  // namespace

void ServerQueues::Register(grpc::ServerBuilder& builder) {
  const unsigned queues =
      std::clamp(std::thread::hardware_concurrency() / 2, 1u, kQueuesMax);
  for (unsigned i = 0; i < queues; ++i) {
    registered_.push_back(builder.AddCompletionQueue());
  }
}

void ServerQueues::Start() {
  for (std::unique_ptr<grpc::ServerCompletionQueue>& queue : registered_) {
    queues_.push_back(queue.get());
    threads_.Add(std::move(queue));
  }
  registered_.clear();
}

void ServerQueues::Serve(MakeCall make) {
  const auto shared = std::make_shared<const MakeCall>(std::move(make));
  for (grpc::ServerCompletionQueue* const queue : queues_) {
    AwaitNext(*queue, shared, alive_);
  }
}

// Calls begin operations until they are over, which needs their queues.
void ServerQueues::Stop() {
  if (alive_ == nullptr) return;
  const std::future<void> gone = alive_->gone.get_future();
  alive_ = nullptr;
  gone.wait();
  threads_.Stop();
}

void ServerQueues::AwaitNext(grpc::ServerCompletionQueue& queue,
                             const std::shared_ptr<const MakeCall>& make,
                             const std::shared_ptr<Alive>& alive) {
  const std::shared_ptr<ServerCall> call = (*make)();
  call->Await(call, queue, alive, [&queue, make, alive](bool ok) {
    if (ok) AwaitNext(queue, make, alive);
  });
}

}  // namespace aerie::rpc
