#ifndef AERIE_BROKER_RPC_CONTROL_SERVICE_H_
#define AERIE_BROKER_RPC_CONTROL_SERVICE_H_

#include <initializer_list>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "broker/auth/scope.h"
#include "broker/control/control.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/authorizer.h"
#include "broker/rpc/control_calls.h"
#include "broker/rpc/open_calls.h"
#include "broker/watch/watchers.h"
#include "common/clock.h"
#include "grpcpp/support/server_callback.h"
#include "proto/aerie/v1/control.grpc.pb.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// Serves aerie.v1.Control: what each method needs, and who does it. Phoenix has
// no such service: there, other services are nodes.
class ControlService final : public v1::Control::CallbackService {
 public:
  ControlService(const ControlContext& context, const Authorizer& authorizer);

  // Refuses new calls.
  void Drain() { calls_.Drain(); }
  // Ends the streams, UNAVAILABLE.
  void EndStreams();

  // For looks from inside the process, which no call stands for.
  Control& control() { return control_; }

  using Call = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* Broadcast(Call* call, const v1::BroadcastRequest* request,
                   v1::BroadcastResponse* response) override;
  Unary* BroadcastBatch(Call* call, const v1::BroadcastBatchRequest* request,
                        v1::BroadcastBatchResponse* response) override;
  grpc::ServerBidiReactor<v1::BroadcastStreamRequest,
                          v1::BroadcastStreamResponse>*
  BroadcastStream(Call* call) override;
  Unary* Push(Call* call, const v1::PushRequest* request,
              v1::PushResponse* response) override;
  Unary* Disconnect(Call* call, const v1::DisconnectRequest* request,
                    v1::DisconnectResponse* response) override;
  Unary* CloseChannel(Call* call, const v1::CloseChannelRequest* request,
                      v1::CloseChannelResponse* response) override;
  Unary* RenewToken(Call* call, const v1::RenewTokenRequest* request,
                    v1::RenewTokenResponse* response) override;
  Unary* ListTopics(Call* call, const v1::ListTopicsRequest* request,
                    v1::ListTopicsResponse* response) override;
  Unary* GetTopic(Call* call, const v1::GetTopicRequest* request,
                  v1::GetTopicResponse* response) override;
  Unary* ListSockets(Call* call, const v1::ListSocketsRequest* request,
                     v1::ListSocketsResponse* response) override;
  Unary* GetSocket(Call* call, const v1::GetSocketRequest* request,
                   v1::GetSocketResponse* response) override;
  Unary* ClusterInfo(Call* call, const v1::ClusterInfoRequest* request,
                     v1::ClusterInfoResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(
      Call* call, const v1::WatchRequest* request) override;

 private:
  template <typename Request, typename Response>
  Unary* Serve(Call* call, ControlMethod method,
               std::initializer_list<Scope> scopes, const Request* request,
               Response* response,
               void (Control::*act)(const Request&, Control::Answer<Response>));

  Control control_;
  Watchers& watchers_;
  const Limits& limits_;
  Metrics& metrics_;
  const Clock& clock_;
  ControlCalls calls_;
  OpenCalls open_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_CONTROL_SERVICE_H_
