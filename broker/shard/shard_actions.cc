#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "broker/shard/shard.h"
#include "common/log.h"
#include "proto/aerie/v1/credit.h"

// What a host's actions do to its channels.
namespace aerie::broker {
namespace {

using State = Channel::State;
using Voice = Channel::Voice;

constexpr uint8_t Bit(State state) {
  return static_cast<uint8_t>(1 << static_cast<int>(state));
}

constexpr uint8_t kAlive = Bit(State::kJoined) | Bit(State::kLeaving) |
                           Bit(State::kClosing) | Bit(State::kEnding);
constexpr uint8_t kTerminating =
    Bit(State::kLeaving) | Bit(State::kClosing) | Bit(State::kEnding);

// The states in which a channel takes an action, in the order of Action::what.
// In others it comes too late, or is not what the host owes, and is dropped.
constexpr uint8_t kTakenIn[] = {
    Bit(State::kJoining),           // Joined
    Bit(State::kJoining),           // JoinCrashed
    Bit(State::kJoining),           // JoinUnavailable
    kAlive,                         // Reply
    kAlive,                         // Push
    kAlive,                         // Broadcast
    Bit(State::kJoining) | kAlive,  // Stop
    Bit(State::kLeaving),           // Left
    kTerminating,                   // TerminateAck
    Bit(State::kJoined),            // Info
};
// Disconnect, the last one, is about no channel.
static_assert(sizeof(kTakenIn) + 1 ==
              std::variant_size_v<decltype(Action::what)>);

// Whether Terminate follows a stop; otherwise the host has seen the end itself.
bool TerminateFollows(ExitReason reason) {
  return reason == ExitReason::kStopNormal ||
         reason == ExitReason::kStopShutdown || reason == ExitReason::kKilled ||
         reason == ExitReason::kDraining;
}

// All events that a channel intercepts, sorted, each once.
std::vector<std::string> Merge(std::vector<std::string> own,
                               const std::vector<std::string>& of_route) {
  own.insert(own.end(), of_route.begin(), of_route.end());
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  return own;
}

}  // namespace

Channel* Shard::Find(Pid pid) const {
  const auto channel = channels_.find(pid.serial);
  return channel == channels_.end() ? nullptr : channel->second.get();
}

void Shard::Act(Actions actions) {
  loop_.CheckInTurn();
  for (Action& action : actions) Act(action);
}

void Shard::Act(Action& action) {
  if (const auto* disconnect = std::get_if<broker::Disconnect>(&action.what)) {
    return peers_.Disconnect(disconnect->socket_id);
  }
  if (action.pid.shard != number_) {
    Actions foreign;
    foreign.push_back(std::move(action));
    // What is dropped is counted there.
    (void)peers_.Post(std::move(foreign));
    return;
  }
  Channel* const channel = Find(action.pid);
  if (channel == nullptr ||
      (kTakenIn[action.what.index()] & Bit(channel->state)) == 0) {
    ++tally_.actions_dropped;
    return;
  }
  std::visit(
      [this, channel](auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (!std::is_same_v<What, broker::Disconnect>) {
          Do(*channel, what);
        }
      },
      action.what);
}

// In one turn and on one stream: the reply, Enlist, phx_close of the channel
// that this join has replaced, and then what waited behind it.
void Shard::Do(Channel& channel, Joined& joined) {
  if (!channel.mapped) {  // Its client has gone meanwhile.
    if (!joined.ok) return Forget(channel);
    channel.state = State::kEnding;
    return Terminate(channel, channel.exit);
  }
  if (!joined.ok) {
    ++tally_.joins_refused;
    return FailJoin(channel, absl::nullopt,
                    [&] { channel.SendJoined(std::move(joined)); });
  }
  if (!channel.topic.fastlane.Enlist(
          channel,
          Merge(std::move(joined.intercepts), channel.transition->intercepts),
          limits_.groups_per_topic_max)) {
    ++tally_.groups_exceeded;
    ++tally_.joins_crashed;
    log::Error("join crashed", {{"cause", "too many sets of intercepts"}});
    return FailJoin(channel, ExitReason::kKilled, [&] {
      channel.SendJoinFailed(v1::Message::KIND_JOIN_CRASHED);
    });
  }
  ++tally_.joins_ok;
  StopWaiting(channel);
  channel.state = State::kJoined;
  channel.enlisted = true;
  channel.SendJoined(std::move(joined));
  channel.SendEnlist();
  channel.SendReplacedExit();
  Arrived(channel);
  const SocketPtr socket = channel.socket;
  const auto transition = std::exchange(channel.transition, nullptr);
  TellIfExpiring(channel);  // It may end by that.
  Resume(socket, std::move(transition->waiting));
}

void Shard::Do(Channel& channel, JoinCrashed& /*crashed*/) {
  if (!channel.mapped) return Forget(channel);
  ++tally_.joins_crashed;
  log::Error("join crashed", {{"cause", "host"}});
  FailJoin(channel, absl::nullopt,
           [&] { channel.SendJoinFailed(v1::Message::KIND_JOIN_CRASHED); });
}

void Shard::Do(Channel& channel, JoinUnavailable& /*unavailable*/) {
  if (!channel.mapped) return Forget(channel);
  ++tally_.joins_unavailable;
  FailJoin(channel, absl::nullopt,
           [&] { channel.SendJoinFailed(v1::Message::KIND_UNAVAILABLE); });
}

void Shard::Do(Channel& channel, Reply& reply) {
  if (channel.voice != Voice::kAll) {
    ++tally_.actions_dropped;
    return;
  }
  ++tally_.replies;
  channel.SendReply(std::move(reply));
}

void Shard::Do(Channel& channel, Push& push) {
  if (channel.voice != Voice::kAll) {
    ++tally_.actions_dropped;
    return;
  }
  ++tally_.pushes;
  channel.SendPush(std::move(push));
}

void Shard::Do(Channel& channel, broker::Broadcast& broadcast) {
  if (channel.voice == Voice::kNobody) {
    ++tally_.actions_dropped;
    return;
  }
  v1::Message message;
  message.set_kind(v1::Message::KIND_BROADCAST);
  message.set_topic(channel.topic_name);
  message.set_event(std::move(broadcast.event));
  SetPayload(std::move(broadcast.payload), &message);
  const Channel* const self = &channel;
  Publish(channel.topic, std::move(message),
          Fastlane::Except(&self, broadcast.except_self ? 1 : 0));
}

// A graceful stop is told at once and terminate follows; when the policy wants
// it, terminate comes first. A leave that is under way gets no reply any more.
void Shard::Do(Channel& channel, Stop& stop) {
  if (channel.state == State::kJoining) {
    JoinCrashed crashed;
    return Do(channel, crashed);
  }
  const bool terminate = TerminateFollows(stop.reason);
  if (channel.state == State::kClosing || channel.state == State::kEnding) {
    // The two ends have crossed. A host that crashed will not acknowledge.
    TerminateAck ack;
    if (!terminate) Do(channel, ack);
    return;
  }
  Delist(channel);
  channel.transition.reset();
  channel.exit = stop.reason;
  if (terminate && channel.socket->policy().close_after_terminate) {
    channel.state = State::kClosing;
  } else {
    channel.state = State::kEnding;
    Exit(channel);
  }
  terminate ? Terminate(channel, stop.reason) : Forget(channel);
}

// The reply to phx_leave, then phx_close, unless the policy wants terminate
// first.
void Shard::Do(Channel& channel, Left& /*left*/) {
  Delist(channel);
  if (channel.socket->policy().close_after_terminate) {
    channel.state = State::kClosing;
    channel.SendLeft();
  } else {
    channel.state = State::kEnding;
    Free(channel, channel.exit);
    channel.SendLeft();
    channel.SendExit(channel.exit);
  }
  channel.transition.reset();
  Await(channel, limits_.terminate_deadline_ms);
}

void Shard::Do(Channel& channel, TerminateAck& /*ack*/) {
  if (channel.state == State::kLeaving) {
    Left left;
    Do(channel, left);
  }
  if (channel.state == State::kClosing) Exit(channel);
  Forget(channel);
}

void Shard::Do(Channel& channel, Info& info) {
  v1::Message message;
  message.set_event(std::move(info.event));
  SetPayload(std::move(info.payload), &message);
  Actions actions;
  channel.host.Info(channel.pid, message, actions);
  Act(std::move(actions));
}

// Channels that intercept the event get it through the inbox, as a process
// would through its mailbox: behind what they were sent before.
uint32_t Shard::Publish(Topic& topic, v1::Message broadcast,
                        Fastlane::Except except) {
  ++tally_.broadcasts;
  TellBroadcast(broadcast);
  std::vector<Pid> pids =
      topic.fastlane.Intercepting(broadcast.event(), except);
  if (!pids.empty()) {
    const uint64_t bytes =
        v1::CreditBytes(broadcast) + pids.size() * sizeof(Pid);
    Loop::Task task = [this, pids = std::move(pids), broadcast] {
      HandleOut(pids, broadcast);
    };
    if (!loop_.Post(std::move(task), bytes)) {
      log::Warning("intercepted broadcast dropped", {{"cause", "full inbox"}});
    }
  }
  const uint32_t edges = topic.fastlane.Publish(std::move(broadcast), except);
  tally_.fanouts += edges;
  return edges;
}

void Shard::HandleOut(const std::vector<Pid>& pids,
                      const v1::Message& broadcast) {
  for (const Pid& pid : pids) {
    Channel* const channel = Find(pid);
    if (channel == nullptr || channel->state != State::kJoined) continue;
    ++tally_.intercepted;
    Actions actions;
    channel->host.Out(pid, broadcast, actions);
    Act(std::move(actions));
  }
}

}  // namespace aerie::broker
