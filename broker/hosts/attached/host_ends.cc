#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/channel/socket_info.h"
#include "broker/hosts/attached/channel_frames.h"
#include "broker/hosts/attached/host_channels.h"
#include "common/log.h"

// How the channels of attached hosts end, and how each gets its terminate.
namespace aerie::broker {
namespace {

// What is kept of a terminate besides its texts.
constexpr uint64_t kTerminateBytes = 512;

// Pace of a drain.
constexpr int64_t kDrainStepMsMin = 10;
constexpr int64_t kDrainStepMsMax = 1'000;

void AcknowledgeTo(Pid pid, ExitReason reason, Actions& out) {
  if (reason == ExitReason::kLeft) out.push_back({pid, Left{}});
  out.push_back({pid, TerminateAck{}});
}

}  // namespace

void HostChannels::Terminate(Pid pid, ExitReason reason, Actions& out) {
  HostedChannel* const channel = Find(pid.serial);
  if (channel == nullptr) return AcknowledgeTo(pid, reason, out);
  switch (channel->state) {
    case State::kWaiting:  // The host has never heard of it.
      StopWaitingForJoin(*channel);
      Erase(*channel);
      return AcknowledgeTo(pid, reason, out);
    case State::kJoining:
    case State::kJoined:
      channel->ack_owed = true;
      return End(*channel, reason, out);
    case State::kEnding:  // By itself already.
      return AcknowledgeTo(pid, reason, out);
  }
}

// The broker ends it: the host is told, and the shard waits for nothing.
void HostChannels::Crash(HostedChannel& channel, Actions& out) {
  out.push_back({channel.pid, Stop{ExitReason::kCrash}});
  channel.queue.clear();
  End(channel, ExitReason::kCrash, out);
}

void HostChannels::End(HostedChannel& channel, ExitReason reason,
                       Actions& out) {
  channel.exit = reason;
  channel.state = State::kEnding;
  ++ending_;
  KeepTerminate(channel);
  if (!OfferTerminate(channel)) DropTerminate(channel, out);
}

void HostChannels::KeepTerminate(HostedChannel& channel) {
  channel.kept_bytes =
      kTerminateBytes + channel.topic.size() + channel.assigns.size() +
      channel.socket->assigns().size() + channel.socket->id().size();
  channel.pattern->kept_bytes += channel.kept_bytes;
  context_.metrics.host_terminates_kept_bytes.Increment(
      static_cast<double>(channel.kept_bytes));
  Wait(channel, context_.limits.host_terminate_ttl_ms,
       &HostChannels::TerminateTooOld);
}

// Sends it, or has it wait for a credit. False when too much waits already;
// what is at a host is bounded by its credits.
bool HostChannels::OfferTerminate(HostedChannel& channel) {
  HostHere& here = *channel.here;
  if (channel.queue.empty() && here.line.empty() &&
      here.host->credits().Take(HostCallback::kTerminate)) {
    SendTerminate(channel);
    return true;
  }
  if (channel.pattern->kept_bytes > context_.limits.host_terminates_bytes_max) {
    return false;
  }
  GetInLine(channel);
  return true;
}

void HostChannels::SendTerminate(HostedChannel& channel) {
  v1::ChannelFrame frame;
  frame.set_channel(channel.pid.number());
  v1::ChannelFrame::Terminate& terminate = *frame.mutable_terminate();
  terminate.set_reason(ToProto(channel.exit));
  terminate.set_event_id(
      absl::StrCat(context_.broker, "/", absl::Hex(channel.pid.number())));
  terminate.set_topic(channel.topic);
  Describe(*channel.socket, terminate.mutable_socket());
  terminate.set_assigns(channel.assigns.empty() ? terminate.socket().assigns()
                                                : channel.assigns);
  terminate.set_pattern(channel.pattern->name);
  terminate.set_redelivered(channel.redelivered);
  channel.terminate_sent = true;
  channel.sent_ms = context_.clock.NowMs();
  if (channel.redelivered) {
    context_.metrics.host_terminates_redelivered.Increment();
  }
  channel.here->host->Send(std::move(frame));
}

void HostChannels::Acknowledge(HostedChannel& channel, Actions& out) {
  if (!std::exchange(channel.ack_owed, false)) return;
  out.push_back({channel.pid, TerminateAck{}});
}

void HostChannels::DropTerminate(HostedChannel& channel, Actions& out) {
  log::Warning("terminate dropped", {{"pattern", channel.pattern->name},
                                     {"cause", "too many are kept"}});
  context_.metrics.host_terminates_dropped_bytes.Increment();
  Acknowledge(channel, out);
  Erase(channel);
}

void HostChannels::TerminateTooOld(uint64_t serial) {
  HostedChannel& channel = *channels_.at(serial);
  channel.timer = {};
  log::Warning("terminate dropped",
               {{"pattern", channel.pattern->name}, {"cause", "too old"}});
  context_.metrics.host_terminates_dropped_age.Increment();
  Actions actions;
  Acknowledge(channel, actions);
  Erase(channel);
  shard_.Act(std::move(actions));
}

void HostChannels::Use(std::shared_ptr<const HostMap> map) {
  loop_.CheckInTurn();
  map_ = std::move(map);
  Actions actions;
  std::vector<std::string> served;
  for (const auto& [name, serials] : orphans_) {
    const auto pattern = map_->patterns.find(name);
    if (pattern == map_->patterns.end() || pattern->second.hosts.empty()) {
      continue;
    }
    served.push_back(name);
  }
  for (const std::string& name : served) {
    const std::vector<uint64_t> serials =
        std::move(orphans_.extract(name).mapped());
    for (const uint64_t serial : serials) {
      HostedChannel* const channel = Find(serial);
      if (channel == nullptr || channel->here != nullptr) continue;
      Redeliver(*channel, actions);
    }
  }
  shard_.Act(std::move(actions));
}

void HostChannels::Lost(const AttachedHostPtr& host) {
  loop_.CheckInTurn();
  const auto found = heres_.find(host.get());
  if (found == heres_.end()) return;
  const std::unique_ptr<HostHere> here = std::move(found->second);
  heres_.erase(found);
  Actions actions;
  // Each one leaves the list when it is orphaned.
  while (here->first != nullptr) Orphan(*here->first, actions);
  shard_.Act(std::move(actions));
}

// A channel whose host is gone. What was joined there gets its terminate
// elsewhere.
void HostChannels::Orphan(HostedChannel& channel, Actions& out) {
  switch (channel.state) {
    case State::kWaiting:
      return Replace(channel, out);
    case State::kJoining:
      out.push_back({channel.pid, JoinCrashed{}});
      return Erase(channel);
    case State::kJoined:
      out.push_back({channel.pid, Stop{ExitReason::kHostLost}});
      Unlink(channel);
      channel.state = State::kEnding;
      channel.exit = ExitReason::kHostLost;
      KeepTerminate(channel);
      break;
    case State::kEnding:
      Acknowledge(channel, out);
      if (!channel.joined) return Erase(channel);
      Unlink(channel);
      break;
  }
  channel.queue.clear();
  channel.terminate_sent = false;
  channel.redelivered = true;
  Redeliver(channel, out);
}

// The terminate, to another host, or to the next one that comes.
void HostChannels::Redeliver(HostedChannel& channel, Actions& out) {
  const AttachedHostPtr* const host = Place(channel);
  bool kept;
  if (host != nullptr) {
    Link(channel, HereOf(*host));
    kept = OfferTerminate(channel);
  } else {
    kept = channel.pattern->kept_bytes <=
           context_.limits.host_terminates_bytes_max;
    if (kept) orphans_[channel.pattern->name].push_back(channel.pid.serial);
  }
  if (!kept) DropTerminate(channel, out);
}

// Another host for a join that no host has seen yet.
void HostChannels::Replace(HostedChannel& channel, Actions& out) {
  const Pid pid = channel.pid;
  StopWaitingForJoin(channel);
  Unlink(channel);
  const AttachedHostPtr* const host = Place(channel);
  if (host != nullptr) {
    v1::ChannelFrame frame = std::move(channel.queue.front());
    channel.queue.clear();
    if (StartJoin(channel, *host, std::move(frame))) return;
  }
  Erase(channel);
  out.push_back({pid, JoinUnavailable{}});
}

void HostChannels::Drain(const AttachedHostPtr& host, uint32_t window_ms) {
  loop_.CheckInTurn();
  HostHere& here = HereOf(host);
  std::vector<HostedChannel*> waiting;
  for (HostedChannel* channel = here.first; channel != nullptr;
       channel = channel->next) {
    if (channel->state == State::kWaiting) waiting.push_back(channel);
    if (channel->state == State::kJoined) {
      here.draining.push_back(channel->pid.serial);
    }
  }
  Actions actions;
  for (HostedChannel* const channel : waiting) Replace(*channel, actions);
  shard_.Act(std::move(actions));
  here.drain_since_ms = context_.clock.NowMs();
  here.drain_window_ms = window_ms;
  DrainSome(host);
}

// As many channels as are due by now; at the end those, too, that have joined
// meanwhile.
void HostChannels::DrainSome(const AttachedHostPtr& host) {
  const auto found = heres_.find(host.get());
  if (found == heres_.end()) return;  // Lost meanwhile.
  HostHere& here = *found->second;
  const int64_t elapsed_ms = context_.clock.NowMs() - here.drain_since_ms;
  const auto count = static_cast<int64_t>(here.draining.size());
  here.drain_over = elapsed_ms >= here.drain_window_ms;
  const int64_t due =
      here.drain_over ? count : count * elapsed_ms / here.drain_window_ms;
  const auto all = here.draining.begin();
  std::vector<uint64_t> ending(all + static_cast<int64_t>(here.drained),
                               all + due);
  here.drained = due;
  if (here.drain_over) {
    here.draining.clear();
    ending.clear();
    for (const HostedChannel* channel = here.first; channel != nullptr;
         channel = channel->next) {
      ending.push_back(channel->pid.serial);
    }
  } else {
    const int64_t step_ms = here.drain_window_ms / std::max<int64_t>(count, 1);
    loop_.After(std::clamp(step_ms, kDrainStepMsMin, kDrainStepMsMax),
                [this, host] { DrainSome(host); });
  }
  Actions actions;
  for (const uint64_t serial : ending) {
    const HostedChannel* const channel = Find(serial);
    if (channel == nullptr || channel->here != &here ||
        channel->state != State::kJoined) {
      continue;
    }
    actions.push_back({channel->pid, Stop{ExitReason::kDraining}});
  }
  shard_.Act(std::move(actions));
}

void HostChannels::AwaitTerminates(Loop::Task done) {
  loop_.CheckInTurn();
  awaited_ = std::move(done);
  FinishAwait();
}

void HostChannels::FinishAwait() {
  if (ending_ == 0 && awaited_) std::exchange(awaited_, nullptr)();
}

}  // namespace aerie::broker
