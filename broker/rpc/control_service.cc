#include "broker/rpc/control_service.h"

#include <initializer_list>
#include <memory>

#include "broker/auth/scope.h"
#include "broker/rpc/broadcast_stream.h"
#include "broker/rpc/unary_call.h"
#include "broker/rpc/watch_call.h"

namespace aerie::broker {

ControlService::ControlService(const ControlContext& context,
                               const Authorizer& authorizer)
    : control_(context),
      watchers_(context.shards.watchers()),
      limits_(context.limits),
      metrics_(context.metrics),
      clock_(context.clock),
      calls_(authorizer, context.limits, context.metrics) {}

void ControlService::EndStreams() { open_.EndAll(BrokerIsDraining()); }

void ControlService::Serve(rpc::ServerQueues& queues) {
  using Async = v1::Control::AsyncService;
  using Method = ControlMethod;
  const auto unary =
      [&]<typename Request, typename In, typename Out>(
          Request request, Method name, std::initializer_list<Scope> scopes,
          void (Control::*act)(const In&, Control::Answer<Out>)) {
        const UnaryMethod<In, Out> method = {request, name, scopes, act};
        queues.Serve([this, method] {
          return std::make_shared<UnaryCall<In, Out>>(service_, method,
                                                      control_, calls_);
        });
      };
  unary(&Async::RequestBroadcast, Method::kBroadcast, {Scope::kPublish},
        &Control::Broadcast);
  unary(&Async::RequestBroadcastBatch, Method::kBroadcastBatch,
        {Scope::kPublish}, &Control::BroadcastBatch);
  unary(&Async::RequestPush, Method::kPush, {Scope::kPublish}, &Control::Push);
  unary(&Async::RequestDisconnect, Method::kDisconnect, {Scope::kAdmin},
        &Control::Disconnect);
  unary(&Async::RequestCloseChannel, Method::kCloseChannel, {Scope::kAdmin},
        &Control::CloseChannel);
  unary(&Async::RequestRenewToken, Method::kRenewToken,
        {Scope::kAdmin, Scope::kHost}, &Control::RenewToken);
  unary(&Async::RequestListTopics, Method::kListTopics, {Scope::kRead},
        &Control::ListTopics);
  unary(&Async::RequestGetTopic, Method::kGetTopic, {Scope::kRead},
        &Control::GetTopic);
  unary(&Async::RequestListSockets, Method::kListSockets, {Scope::kRead},
        &Control::ListSockets);
  unary(&Async::RequestGetSocket, Method::kGetSocket, {Scope::kRead},
        &Control::GetSocket);
  unary(&Async::RequestClusterInfo, Method::kClusterInfo, {Scope::kRead},
        &Control::ClusterInfo);
  queues.Serve([this] {
    return std::make_shared<BroadcastStream>(
        service_, calls_, open_, control_.broadcasts(), limits_, metrics_);
  });
  queues.Serve([this] {
    return std::make_shared<WatchCall>(service_, calls_, watchers_, open_,
                                       limits_, metrics_, clock_);
  });
}

}  // namespace aerie::broker
