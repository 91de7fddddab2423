#ifndef AERIE_COMMON_RPC_SERVER_QUEUES_H_
#define AERIE_COMMON_RPC_SERVER_QUEUES_H_

#include <functional>
#include <memory>
#include <vector>

#include "common/rpc/alive.h"
#include "common/rpc/completion_threads.h"
#include "common/rpc/server_call.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"

namespace aerie::rpc {

// The completion queues of a gRPC server, a thread each, and the calls on them.
// Few threads: each that waits for the network costs the others wake-ups.
// Register, Start, Serve and Stop bracket the life of the server: before it is
// built, when it has started, when it has been shut down.
class ServerQueues {
 public:
  // An object that has yet to get its call.
  using MakeCall = std::function<std::shared_ptr<ServerCall>()>;

  ServerQueues() = default;
  ServerQueues(const ServerQueues&) = delete;
  ServerQueues& operator=(const ServerQueues&) = delete;
  ~ServerQueues() { Stop(); }

  void Register(grpc::ServerBuilder& builder);
  void Start();
  // Has a call of this kind wait on each queue, and the next one when a client
  // has made it. `make` runs on the queues' threads too.
  void Serve(MakeCall make);
  // Returns when every call is over.
  void Stop();

 private:
  static void AwaitNext(grpc::ServerCompletionQueue& queue,
                        const std::shared_ptr<const MakeCall>& make,
                        const std::shared_ptr<Alive>& alive);

  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>();
  // Until Start; threads_ has them then.
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> registered_;
  std::vector<grpc::ServerCompletionQueue*> queues_;
  CompletionThreads threads_;
};

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_SERVER_QUEUES_H_
