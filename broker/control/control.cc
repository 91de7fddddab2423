#include "broker/control/control.h"

#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/auth/renewal.h"
#include "broker/channel/service_payload.h"
#include "broker/channel/socket_info.h"
#include "broker/control/ask.h"
#include "broker/control/violations.h"
#include "common/rpc/status.h"
#include "google/protobuf/util/time_util.h"
#include "proto/aerie/v1/edge_link.pb.h"

// What services do.
namespace aerie::broker {
namespace {

// WebSocket close code: going away.
constexpr uint32_t kCloseGoingAway = 1001;

// What a question weighs in the inbox of a shard.
constexpr uint64_t kQuestionBytes = 256;

ExitReason ReasonOf(v1::CloseChannelRequest::Reason reason) {
  return reason == v1::CloseChannelRequest::REASON_SHUTDOWN
             ? ExitReason::kStopShutdown
             : ExitReason::kKilled;
}

absl::Status WrongToken(absl::string_view why) {
  Violations violations;
  violations.Add("token", why);
  return violations.ToStatus();
}

v1::RenewTokenResponse Renewed(const GrantPtr& grant) {
  v1::RenewTokenResponse response;
  if (grant->expires != absl::InfiniteFuture()) {
    *response.mutable_expires() =
        google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
            absl::ToUnixMillis(grant->expires));
  }
  return response;
}

}  // namespace

Control::Control(ControlContext context)
    : context_(std::move(context)),
      started_ms_(context_.clock.NowMs()),
      broadcasts_(context_.shards, context_.limits, context_.metrics) {}

void Control::Broadcast(const v1::BroadcastRequest& request,
                        Answer<v1::BroadcastResponse> answer) {
  Broadcasts::Requests requests;
  *requests.Add() = request;
  broadcasts_.Send(requests, [answer = std::move(answer)](
                                 std::vector<BroadcastOutcome> out) mutable {
    if (!out[0].status.ok()) return answer(out[0].status);
    v1::BroadcastResponse response;
    response.set_duplicate(out[0].result.duplicate);
    response.set_edges(out[0].result.edges);
    answer(std::move(response));
  });
}

void Control::BroadcastBatch(const v1::BroadcastBatchRequest& request,
                             Answer<v1::BroadcastBatchResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  Broadcasts::Requests requests = request.broadcasts();
  broadcasts_.Send(requests,
                   [answer = std::move(answer)](
                       const std::vector<BroadcastOutcome>& outcomes) mutable {
                     v1::BroadcastBatchResponse response;
                     for (const BroadcastOutcome& outcome : outcomes) {
                       auto& result = *response.add_results();
                       *result.mutable_status() = rpc::ToProto(outcome.status);
                       result.set_duplicate(outcome.result.duplicate);
                       result.set_edges(outcome.result.edges);
                     }
                     answer(std::move(response));
                   });
}

void Control::Push(const v1::PushRequest& request,
                   Answer<v1::PushResponse> answer) {
  const absl::Status status = Check(request, context_.limits);
  if (!status.ok()) return answer(status);
  ChannelSet to = ToChannelSet(request.to());
  v1::Payload payload = request.payload();
  broker::Push push{request.event(), TakePayload(&payload)};
  const uint64_t bytes = kQuestionBytes + request.ByteSizeLong();
  const uint32_t shard = ShardOf(to);
  if (shard >= context_.shards.count()) return answer(v1::PushResponse());
  Ask<v1::PushResponse>(
      context_.shards, shard, bytes,
      [to = std::move(to), push = std::move(push)](
          Shard& asked) -> absl::StatusOr<v1::PushResponse> {
        v1::PushResponse response;
        response.set_channels(asked.PushTo(to, push));
        return response;
      },
      std::move(answer));
}

// The shard that has them; one that does not exist for the channel of nobody.
uint32_t Control::ShardOf(const ChannelSet& set) const {
  return set.pid.has_value() ? set.pid->shard
                             : context_.shards.ShardOf(set.topic);
}

void Control::Disconnect(const v1::DisconnectRequest& request,
                         Answer<v1::DisconnectResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  const uint32_t code = request.code() == 0 ? kCloseGoingAway : request.code();
  Ask<v1::DisconnectResponse>(
      context_.shards, context_.shards.ShardOf(request.socket_id()),
      kQuestionBytes,
      [id = request.socket_id(),
       code](Shard& asked) -> absl::StatusOr<v1::DisconnectResponse> {
        v1::DisconnectResponse response;
        response.set_sockets(asked.Disconnect(id, code));
        return response;
      },
      std::move(answer));
}

void Control::CloseChannel(const v1::CloseChannelRequest& request,
                           Answer<v1::CloseChannelResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  ChannelSet channels = ToChannelSet(request.channels());
  const uint32_t shard = ShardOf(channels);
  if (shard >= context_.shards.count()) {
    return answer(v1::CloseChannelResponse());
  }
  Ask<v1::CloseChannelResponse>(
      context_.shards, shard, kQuestionBytes,
      [channels = std::move(channels), reason = ReasonOf(request.reason())](
          Shard& asked) -> absl::StatusOr<v1::CloseChannelResponse> {
        v1::CloseChannelResponse response;
        response.set_channels(asked.Close(channels, reason));
        return response;
      },
      std::move(answer));
}

// The token is judged as that of a client who connects; what it would make of
// the socket's id must be what the socket has.
void Control::RenewToken(const v1::RenewTokenRequest& request,
                         Answer<v1::RenewTokenResponse> answer) {
  const absl::Status status = Check(request);
  if (!status.ok()) return answer(status);
  FindSocket(
      request.socket_key(), [this, &request, answer = std::move(answer)](
                                absl::StatusOr<SocketPtr> found) mutable {
        if (!found.ok()) return answer(found.status());
        v1::Connect connect;
        connect.set_mount(request.mount().empty() ? "/socket"
                                                  : request.mount());
        connect.set_dialect((*found)->origin().dialect);
        connect.set_transport((*found)->origin().transport);
        connect.set_peer((*found)->origin().peer.ToString());
        connect.set_token(request.token());
        context_.rule.Decide(connect, [this, socket = *std::move(found),
                                       answer = std::move(answer)](
                                          ConnectVerdict verdict) mutable {
          answer(Renew(socket, std::move(verdict)));
        });
      });
}

absl::StatusOr<v1::RenewTokenResponse> Control::Renew(const SocketPtr& socket,
                                                      ConnectVerdict verdict) {
  if (std::holds_alternative<Denial>(verdict)) {
    return WrongToken("its mount would refuse it");
  }
  Admission& admission = std::get<Admission>(verdict);
  if (admission.socket_id != socket->id()) {
    return WrongToken("it is for another socket id");
  }
  if (admission.grant == nullptr) {
    return rpc::WithReason(
        absl::FailedPreconditionError("the mount's rule limits nobody"),
        "NOT_LIMITED");
  }
  const absl::Status renewed =
      RenewGrant(socket, admission.grant, context_.blobs, context_.clock.Now(),
                 context_.shards);
  if (!renewed.ok()) return renewed;
  return Renewed(admission.grant);
}

void Control::FindSocket(
    absl::string_view key,
    absl::AnyInvocable<void(absl::StatusOr<SocketPtr>)> to) {
  absl::string_view edge;
  uint64_t number = 0;
  if (!ParseSocketKey(key, &edge, &number)) {
    return to(absl::NotFoundError("no such socket"));
  }
  context_.edges.Find(std::string(edge), number,
                      [to = std::move(to)](SocketPtr socket) mutable {
                        if (socket != nullptr) return to(std::move(socket));
                        to(absl::NotFoundError("no such socket"));
                      });
}

}  // namespace aerie::broker
