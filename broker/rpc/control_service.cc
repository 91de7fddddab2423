#include "broker/rpc/control_service.h"

#include <memory>
#include <utility>

#include "broker/control/rules.h"
#include "broker/rpc/broadcast_stream.h"
#include "broker/rpc/refused_call.h"
#include "broker/rpc/watch_call.h"
#include "common/rpc/status.h"

namespace aerie::broker {
namespace {

using Method = ControlMethod;

}  // namespace

ControlService::ControlService(const ControlContext& context,
                               const Authorizer& authorizer)
    : control_(context),
      watchers_(context.shards.watchers()),
      limits_(context.limits),
      metrics_(context.metrics),
      clock_(context.clock),
      calls_(authorizer, context.limits, context.metrics) {}

void ControlService::EndStreams() { open_.EndAll(BrokerIsDraining()); }

// gRPC ends the call for its client when the deadline is over; the answer that
// comes then is for nobody. What is late already is not begun.
template <typename Request, typename Response>
ControlService::Unary* ControlService::Serve(
    Call* call, Method method, std::initializer_list<Scope> scopes,
    const Request* request, Response* response,
    void (Control::*act)(const Request&, Control::Answer<Response>)) {
  Unary* const reactor = call->DefaultReactor();
  grpc::Status begun = calls_.Begin(*call, method, scopes);
  if (!begun.ok()) {
    reactor->Finish(begun);
    return reactor;
  }
  if (call->IsCancelled()) {
    const grpc::Status late(grpc::StatusCode::CANCELLED, "cancelled");
    calls_.End(method, late);
    reactor->Finish(late);
    return reactor;
  }
  (control_.*act)(*request, [this, reactor, response,
                             method](absl::StatusOr<Response> answer) {
    const grpc::Status status = rpc::ToGrpc(answer.status());
    if (answer.ok()) *response = *std::move(answer);
    calls_.End(method, status);
    reactor->Finish(status);
  });
  return reactor;
}

ControlService::Unary* ControlService::Broadcast(
    Call* call, const v1::BroadcastRequest* request,
    v1::BroadcastResponse* response) {
  return Serve(call, Method::kBroadcast, {Scope::kPublish}, request, response,
               &Control::Broadcast);
}

ControlService::Unary* ControlService::BroadcastBatch(
    Call* call, const v1::BroadcastBatchRequest* request,
    v1::BroadcastBatchResponse* response) {
  return Serve(call, Method::kBroadcastBatch, {Scope::kPublish}, request,
               response, &Control::BroadcastBatch);
}

grpc::ServerBidiReactor<v1::BroadcastStreamRequest,
                        v1::BroadcastStreamResponse>*
ControlService::BroadcastStream(Call* call) {
  const grpc::Status begun =
      calls_.Begin(*call, Method::kBroadcastStream, {Scope::kPublish});
  if (!begun.ok()) {
    return new RefusedCall<grpc::ServerBidiReactor<
        v1::BroadcastStreamRequest, v1::BroadcastStreamResponse>>(begun);
  }
  const auto stream = std::make_shared<broker::BroadcastStream>(
      calls_, open_, control_.broadcasts(), limits_, metrics_);
  stream->Start();
  return stream.get();
}

ControlService::Unary* ControlService::Push(Call* call,
                                            const v1::PushRequest* request,
                                            v1::PushResponse* response) {
  return Serve(call, Method::kPush, {Scope::kPublish}, request, response,
               &Control::Push);
}

ControlService::Unary* ControlService::Disconnect(
    Call* call, const v1::DisconnectRequest* request,
    v1::DisconnectResponse* response) {
  return Serve(call, Method::kDisconnect, {Scope::kAdmin}, request, response,
               &Control::Disconnect);
}

ControlService::Unary* ControlService::CloseChannel(
    Call* call, const v1::CloseChannelRequest* request,
    v1::CloseChannelResponse* response) {
  return Serve(call, Method::kCloseChannel, {Scope::kAdmin}, request, response,
               &Control::CloseChannel);
}

ControlService::Unary* ControlService::RenewToken(
    Call* call, const v1::RenewTokenRequest* request,
    v1::RenewTokenResponse* response) {
  return Serve(call, Method::kRenewToken, {Scope::kAdmin, Scope::kHost},
               request, response, &Control::RenewToken);
}

ControlService::Unary* ControlService::ListTopics(
    Call* call, const v1::ListTopicsRequest* request,
    v1::ListTopicsResponse* response) {
  return Serve(call, Method::kListTopics, {Scope::kRead}, request, response,
               &Control::ListTopics);
}

ControlService::Unary* ControlService::GetTopic(
    Call* call, const v1::GetTopicRequest* request,
    v1::GetTopicResponse* response) {
  return Serve(call, Method::kGetTopic, {Scope::kRead}, request, response,
               &Control::GetTopic);
}

ControlService::Unary* ControlService::ListSockets(
    Call* call, const v1::ListSocketsRequest* request,
    v1::ListSocketsResponse* response) {
  return Serve(call, Method::kListSockets, {Scope::kRead}, request, response,
               &Control::ListSockets);
}

ControlService::Unary* ControlService::GetSocket(
    Call* call, const v1::GetSocketRequest* request,
    v1::GetSocketResponse* response) {
  return Serve(call, Method::kGetSocket, {Scope::kRead}, request, response,
               &Control::GetSocket);
}

ControlService::Unary* ControlService::ClusterInfo(
    Call* call, const v1::ClusterInfoRequest* request,
    v1::ClusterInfoResponse* response) {
  return Serve(call, Method::kClusterInfo, {Scope::kRead}, request, response,
               &Control::ClusterInfo);
}

grpc::ServerWriteReactor<v1::WatchResponse>* ControlService::Watch(
    Call* call, const v1::WatchRequest* request) {
  grpc::Status begun = calls_.Begin(*call, Method::kWatch, {Scope::kRead});
  const absl::Status checked = Check(*request);
  if (begun.ok() && !checked.ok()) {
    begun = rpc::ToGrpc(checked);
    calls_.End(Method::kWatch, begun);
  }
  if (!begun.ok()) {
    return new RefusedCall<grpc::ServerWriteReactor<v1::WatchResponse>>(begun);
  }
  const auto watch = std::make_shared<WatchCall>(
      *request, calls_, watchers_, open_, limits_, metrics_, clock_);
  watch->Start();
  return watch.get();
}

}  // namespace aerie::broker
