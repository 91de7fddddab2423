#include <utility>

#include "broker/shard/shard.h"
#include "common/log.h"

// How channels end: by their sockets' end, a drain, a deadline, or after what
// the host has done.
namespace aerie::broker {
namespace {

using State = Channel::State;
using Voice = Channel::Voice;

}  // namespace

void Shard::Opened(const SocketPtr& socket) {
  loop_.CheckInTurn();
  if (!socket->id().empty()) ids_.Add(socket);
  if (socket->limited()) expiries_.Add(socket);
}

void Shard::Gone(const SocketPtr& socket, ExitReason reason) {
  loop_.CheckInTurn();
  if (!socket->id().empty()) ids_.Remove(socket);
  if (socket->limited()) expiries_.Remove(socket);
  // Each one leaves the list when it is abandoned.
  for (auto first = sockets_.find(socket.get()); first != sockets_.end();
       first = sockets_.find(socket.get())) {
    Abandon(*first->second, reason);
  }
}

void Shard::Drain(Loop::Task done) {
  loop_.CheckInTurn();
  draining_ = true;
  drained_ = std::move(done);
  std::vector<uint64_t> serials;
  serials.reserve(channels_.size());
  for (const auto& [serial, channel] : channels_) serials.push_back(serial);
  for (const uint64_t serial : serials) {
    const auto channel = channels_.find(serial);
    if (channel != channels_.end()) DrainChannel(*channel->second);
  }
  FinishDrain();
}

// The edge tells the clients of joined channels by itself.
void Shard::DrainChannel(Channel& channel) {
  if (channel.state != State::kJoining) {
    if (channel.mapped) Abandon(channel, ExitReason::kDraining);
    return;
  }
  if (!channel.mapped) {
    channel.state = State::kEnding;
    return Terminate(channel, channel.exit);
  }
  ++tally_.joins_unavailable;
  FailJoin(channel, ExitReason::kDraining,
           [&] { channel.SendJoinFailed(v1::Message::KIND_UNAVAILABLE); });
}

void Shard::FinishDrain() {
  if (!draining_ || !channels_.empty() || !drained_) return;
  std::exchange(drained_, nullptr)();
}

// A join is answered with anything but ok. `terminate` ends what the host may
// have made of it nevertheless.
void Shard::FailJoin(Channel& channel, absl::optional<ExitReason> terminate,
                     absl::FunctionRef<void()> tell) {
  const SocketPtr socket = channel.socket;
  Unmap(channel);
  socket->ReleaseTopic();
  tell();
  channel.SendReplacedExit();
  const auto transition = std::exchange(channel.transition, nullptr);
  if (terminate.has_value()) {
    channel.voice = Voice::kNobody;
    channel.state = State::kEnding;
    Terminate(channel, *terminate);
  } else {
    Forget(channel);
  }
  Resume(socket, std::move(transition->waiting));
}

// Ends a channel of which its client needs no word. While it is being joined,
// the host's answer decides what there is to end.
void Shard::Abandon(Channel& channel, ExitReason reason) {
  if (channel.enlisted) channel.topic.fastlane.Delist(channel);
  channel.enlisted = false;
  channel.voice = Voice::kOthers;
  channel.exit = reason;
  Free(channel, reason);
  if (channel.state == State::kJoining) {
    channel.transition->waiting.clear();
    return;
  }
  channel.state = State::kEnding;
  Terminate(channel, reason);
}

// Once per channel; the host's answer may end it before this returns.
void Shard::Terminate(Channel& channel, ExitReason reason) {
  channel.exit = reason;
  if (channel.terminating) return;
  channel.terminating = true;
  Await(channel, limits_.terminate_deadline_ms);
  Actions actions;
  channel.host.Terminate(channel.pid, reason, actions);
  Act(std::move(actions));
}

// Frees the topic and tells the client, in this order: another shard may have
// the client's next join before this turn has ended.
void Shard::Exit(Channel& channel) {
  Free(channel, channel.exit);
  channel.SendExit(channel.exit);
}

void Shard::Free(Channel& channel, ExitReason reason) {
  ++tally_.exits[static_cast<int>(reason)];
  if (channel.state != State::kJoining) Departed(channel, reason);
  Unmap(channel);
  channel.socket->ReleaseTopic();
}

void Shard::Forget(Channel& channel) {
  StopWaiting(channel);
  Topic& topic = channel.topic;
  channels_.erase(channel.pid.serial);
  pubsub_.Close(topic);
  FinishDrain();
}

void Shard::Delist(Channel& channel) {
  if (!channel.enlisted) return;
  channel.enlisted = false;
  channel.topic.fastlane.Delist(channel);
  channel.SendDelist();
}

void Shard::Map(Channel& channel) {
  ++tally_.channels;
  channel.mapped = true;
  channel.topic.members[channel.socket.get()] = &channel;
  const Socket& socket = *channel.socket;
  Channel*& first = sockets_[&socket];
  if (first == nullptr && !socket.id().empty()) {
    ids_here_.emplace(socket.id(), &socket);
  }
  channel.next = first;
  if (first != nullptr) first->previous = &channel;
  first = &channel;
}

void Shard::Unmap(Channel& channel) {
  --tally_.channels;
  channel.mapped = false;
  channel.topic.members.erase(channel.socket.get());
  if (channel.next != nullptr) channel.next->previous = channel.previous;
  if (channel.previous != nullptr) {
    channel.previous->next = channel.next;
  } else if (channel.next != nullptr) {
    sockets_[channel.socket.get()] = channel.next;
  } else {
    sockets_.erase(channel.socket.get());
    ids_here_.erase({channel.socket->id(), channel.socket.get()});
  }
  channel.next = channel.previous = nullptr;
}

void Shard::Await(Channel& channel, uint32_t deadline_ms) {
  StopWaiting(channel);
  const uint64_t serial = channel.pid.serial;
  channel.timer =
      loop_.After(deadline_ms, [this, serial] { Deadline(serial); });
}

void Shard::StopWaiting(Channel& channel) {
  if (channel.timer == Loop::Timer()) return;
  loop_.Cancel(std::exchange(channel.timer, {}));
}

// The host has not answered in time: the shard goes on alone.
void Shard::Deadline(uint64_t serial) {
  Channel& channel = *channels_.at(serial);
  channel.timer = {};
  if (channel.state != State::kJoining) {
    ++tally_.terminate_deadlines_missed;
    log::Warning("terminate not acknowledged",
                 {{"reason", ExitReasonName(channel.exit)}});
    if (channel.state == State::kLeaving) {
      Left left;
      return Do(channel, left);
    }
    TerminateAck ack;
    return Do(channel, ack);
  }
  ++tally_.join_deadlines_missed;
  log::Error("join crashed", {{"cause", "deadline"}});
  if (!channel.mapped) {
    channel.state = State::kEnding;
    return Terminate(channel, channel.exit);
  }
  ++tally_.joins_crashed;
  FailJoin(channel, ExitReason::kKilled,
           [&] { channel.SendJoinFailed(v1::Message::KIND_JOIN_CRASHED); });
}

}  // namespace aerie::broker
