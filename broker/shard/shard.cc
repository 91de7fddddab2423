#include "broker/shard/shard.h"

#include <utility>

#include "common/log.h"
#include "proto/aerie/v1/credit.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/phoenix/events.h"

namespace aerie::broker {
namespace {

using phoenix::kPhxJoin;
using phoenix::kPhxLeave;
using State = Channel::State;

// WebSocket close code: policy violation.
constexpr uint32_t kClosePolicy = 1008;

// A topic may be as long as its author likes; a line of the log may not.
absl::string_view Short(absl::string_view topic) {
  return topic.substr(0, 128);
}

}  // namespace

Shard::Shard(uint16_t number, std::shared_ptr<const Router> router,
             const Limits& limits, Metrics& metrics, Watchers& watchers,
             Loop& loop, Peers& peers)
    : number_(number),
      router_(std::move(router)),
      limits_(limits),
      metrics_(metrics),
      watchers_(watchers),
      loop_(loop),
      peers_(peers),
      expiries_(limits, loop, ExpiryCalls()),
      recent_keys_(limits.idempotency_keys_max, limits.idempotency_ttl_ms,
                   metrics.idempotency_keys_evicted) {
  loop_.AfterTurn([this] { tally_.Publish(metrics_); });
}

void Shard::Use(std::shared_ptr<const Router> router) {
  loop_.CheckInTurn();
  router_ = std::move(router);
}

void Shard::In(std::vector<SocketMessage> batch) {
  loop_.CheckInTurn();
  for (SocketMessage& item : batch) {
    const uint64_t bytes = v1::CreditBytes(item.message);
    if (item.socket->closing()) {
      ++tally_.dropped_closing;
    } else {
      In(item.socket, item.message);
    }
    // Behind what is said of it: who waits for the credit has heard that.
    item.socket->Taken(bytes);
  }
}

// What a connection does with a message of its client. The edge has answered
// heartbeats.
void Shard::In(const SocketPtr& socket, v1::Message& message) {
  Channel* const channel = Find(*socket, message);
  const bool join = message.event() == kPhxJoin;
  const bool leave = message.event() == kPhxLeave;
  if (channel == nullptr) {
    if (join) return Join(socket, message);
    if (leave)
      return Answer(*socket, v1::Message::KIND_LEAVE_UNJOINED, message);
    return Unmatched(*socket, message);
  }
  if (channel->state == State::kJoining) return Wait(*channel, message);
  if (join && socket->policy().second_join_replaces) {
    return Rejoin(*channel, message);
  }
  if (channel->Stale(message)) {
    ++tally_.dropped_stale;  // Meant for an earlier join of this topic.
    return;
  }
  if (channel->state != State::kJoined) {
    ++tally_.dropped_leaving;  // Sent after phx_leave: it lost the race.
    return;
  }
  leave ? Leave(*channel, message) : Event(*channel, message);
}

// A topic that is no string can't have been joined.
Channel* Shard::Find(const Socket& socket, const v1::Message& message) const {
  if (message.topic_is_json()) return nullptr;
  return pubsub_.Find(socket, message.topic());
}

void Shard::Join(const SocketPtr& socket, v1::Message& join) {
  if (draining_) {
    ++tally_.joins_unavailable;
    return Answer(*socket, v1::Message::KIND_UNAVAILABLE, join);
  }
  if (!Allowed(*socket, join)) return Unauthorized(*socket, join);
  const Route* const route =
      join.topic_is_json() ? nullptr : router_->Find(join.topic());
  if (route == nullptr) {
    ++tally_.joins_unmatched;
    log::Warning("no route for topic", {{"topic", Short(join.topic())}});
    return Unmatched(*socket, join);
  }
  if (!socket->ReserveTopic()) {
    ++tally_.joins_over_limit;
    log::Error("too many channels joined",
               {{"topic", Short(join.topic())},
                {"topics_max", socket->policy().topics_max}});
    return Answer(*socket, v1::Message::KIND_TOPIC_LIMIT, join);
  }
  StartJoin(socket, *route, join, absl::nullopt);
}

// The reserved topic passes on to the new channel. The old one is closed for
// its client when the new join has been answered; that it may no longer be
// joined is the answer as well.
void Shard::Rejoin(Channel& old, v1::Message& join) {
  const Route* const route = router_->Find(join.topic());
  if (route == nullptr) return Unmatched(*old.socket, join);
  ++tally_.joins_replacing;
  ++tally_.exits[static_cast<int>(ExitReason::kDuplicateJoin)];
  if (log::Enabled(log::Level::kDebug)) {
    log::Debug("duplicate join", {{"topic", Short(join.topic())}});
  }
  const SocketPtr socket = old.socket;
  std::string replaced(old.recorded_join_ref());
  Delist(old);
  Departed(old, ExitReason::kDuplicateJoin);
  Unmap(old);
  const bool allowed = Allowed(*socket, join);
  if (!allowed) {
    socket->ReleaseTopic();
    Unauthorized(*socket, join);
    old.SendExit(ExitReason::kDuplicateJoin);
  }
  old.voice = Channel::Voice::kNobody;
  old.state = State::kEnding;
  Terminate(old, ExitReason::kDuplicateJoin);
  if (!allowed) return;
  StartJoin(socket, *route, join, std::move(replaced));
}

void Shard::StartJoin(const SocketPtr& socket, const Route& route,
                      const v1::Message& join,
                      absl::optional<std::string> replaced) {
  Topic& topic = pubsub_.Open(join.topic());
  const Pid pid{0, number_, ++serials_};
  Channel& channel =
      *channels_
           .emplace(pid.serial,
                    std::make_unique<Channel>(pid, socket, topic, topic.name,
                                              *route.host, join))
           .first->second;
  channel.transition->intercepts = route.intercepts;
  channel.transition->replaced = std::move(replaced);
  Map(channel);
  Await(channel, limits_.join_deadline_ms);
  Actions actions;
  route.host->Join(pid, socket, join, actions);
  Act(std::move(actions));
}

// The host hears of it behind the channel's earlier events; broadcasts go on
// until it has answered.
void Shard::Leave(Channel& channel, v1::Message& leave) {
  channel.transition = std::make_unique<Channel::Transition>();
  channel.transition->ref = std::move(*leave.mutable_ref());
  channel.state = State::kLeaving;
  Terminate(channel, ExitReason::kLeft);
}

void Shard::Event(Channel& channel, const v1::Message& event) {
  ++tally_.events_in;
  Actions actions;
  channel.host.In(channel.pid, event, actions);
  Act(std::move(actions));
}

// Until the host has answered the join.
void Shard::Wait(Channel& channel, v1::Message& message) {
  Channel::Transition& transition = *channel.transition;
  if (transition.waiting.size() >= limits_.frames_behind_join_max ||
      transition.waiting_bytes > limits_.bytes_behind_join_max) {
    ++tally_.closes_behind_join;
    log::Warning("too much behind a pending join",
                 {{"topic", Short(channel.topic_name)}});
    return channel.socket->Close(kClosePolicy);
  }
  transition.waiting_bytes += v1::CreditBytes(message);
  transition.waiting.push_back(std::move(message));
}

// What has waited behind a join is handled as if it came now: after a refusal
// the topic is not joined, and a second join or a leave takes its turn.
void Shard::Resume(const SocketPtr& socket, std::vector<v1::Message> waiting) {
  for (v1::Message& message : waiting) {
    if (socket->closing()) return;
    In(socket, message);
  }
}

void Shard::Answer(const Socket& socket, Kind kind, v1::Message& message) {
  v1::BrokerFrame frame;
  frame.set_socket(socket.number());
  v1::Message& answer = *frame.mutable_message();
  answer.set_kind(kind);
  answer.set_topic(std::move(*message.mutable_topic()));
  answer.set_topic_is_json(message.topic_is_json());
  answer.set_ref(std::move(*message.mutable_ref()));
  if (kind != v1::Message::KIND_UNMATCHED) {
    answer.set_join_ref(std::move(*message.mutable_join_ref()));
  }
  if (kind == v1::Message::KIND_JOIN_REPLY) {  // The shard itself refuses.
    answer.set_status("error");
    answer.set_json(R"({"reason":"unauthorized"})");
  }
  socket.edge().Send(std::move(frame));
}

void Shard::Unmatched(const Socket& socket, v1::Message& message) {
  ++tally_.unmatched;
  Answer(socket, v1::Message::KIND_UNMATCHED, message);
}

}  // namespace aerie::broker
