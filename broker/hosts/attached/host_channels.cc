#include "broker/hosts/attached/host_channels.h"

#include <utility>

#include "broker/hosts/attached/channel_frames.h"
#include "broker/hosts/attached/spread.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

HostCallback CallbackOf(const v1::ChannelFrame& frame) {
  switch (frame.frame_case()) {
    case v1::ChannelFrame::kJoin:
      return HostCallback::kJoin;
    case v1::ChannelFrame::kHandleOut:
      return HostCallback::kOut;
    case v1::ChannelFrame::kHandleInfo:
      return HostCallback::kInfo;
    default:
      return HostCallback::kIn;
  }
}

// Before the shard gives the join up as crashed, whatever its deadline is.
uint32_t JoinWaitMs(const Limits& limits) {
  return std::min(limits.host_join_wait_ms, limits.join_deadline_ms / 10 * 9);
}

}  // namespace

HostChannels::HostChannels(const HostContext& context, uint16_t number,
                           Loop& loop, Shard& shard)
    : context_(context), number_(number), loop_(loop), shard_(shard) {}

// What is left when the broker stops is no longer counted.
HostChannels::~HostChannels() {
  for (const auto& [serial, channel] : channels_) {
    if (channel->state == State::kWaiting && channel->here != nullptr) {
      channel->here->host->RemoveWaitingJoin();
    }
    context_.metrics.host_terminates_kept_bytes.Decrement(
        static_cast<double>(channel->kept_bytes));
  }
}

HostedChannel* HostChannels::Find(uint64_t serial) const {
  const auto found = channels_.find(serial);
  return found == channels_.end() ? nullptr : found->second.get();
}

HostHere& HostChannels::HereOf(const AttachedHostPtr& host) {
  std::unique_ptr<HostHere>& here = heres_[host.get()];
  if (here == nullptr) here = std::make_unique<HostHere>(host);
  return *here;
}

// The host that the spread of its pattern gives a channel; null for none.
const AttachedHostPtr* HostChannels::Place(const HostedChannel& channel) const {
  const auto pattern = map_->patterns.find(channel.pattern->name);
  if (pattern == map_->patterns.end()) return nullptr;
  return Choose(pattern->second.hosts, pattern->second.spread, channel.topic,
                *channel.socket);
}

void HostChannels::Join(Pid pid, const SocketPtr& socket,
                        const v1::Message& join, Actions& out) {
  const Route* const route = map_->router->Find(join.topic());
  const auto pattern = route == nullptr ? map_->patterns.end()
                                        : map_->patterns.find(route->pattern);
  if (pattern == map_->patterns.end()) {
    out.push_back({pid, JoinUnavailable{}});
    return;
  }
  auto made = std::make_unique<HostedChannel>(pid, socket, join.topic(),
                                              pattern->second.known);
  const AttachedHostPtr* const host = Place(*made);
  if (host == nullptr) {
    out.push_back({pid, JoinUnavailable{}});
    return;
  }
  HostedChannel& channel = *made;
  channels_.emplace(pid.serial, std::move(made));
  if (!StartJoin(channel, *host,
                 JoinFrame(pid, *socket, join, channel.pattern->name))) {
    Erase(channel);
    out.push_back({pid, JoinUnavailable{}});
  }
}

// Gives the join to a host, now or when it has a credit. False when too many
// wait for that.
bool HostChannels::StartJoin(HostedChannel& channel,
                             const AttachedHostPtr& host,
                             v1::ChannelFrame frame) {
  HostHere& here = HereOf(host);
  Link(channel, here);
  channel.queue.push_back(std::move(frame));
  if (here.line.empty() && host->credits().Take(HostCallback::kJoin)) {
    SendNext(channel);
    return true;
  }
  if (!host->AddWaitingJoin(context_.limits.host_joins_waiting_max)) {
    context_.metrics.host_joins_not_taken.Increment();
    return false;
  }
  Wait(channel, JoinWaitMs(context_.limits), &HostChannels::JoinWaitOver);
  GetInLine(channel);
  return true;
}

void HostChannels::JoinWaitOver(uint64_t serial) {
  HostedChannel& channel = *channels_.at(serial);
  channel.timer = {};
  log::Warning("join not taken", {{"host", channel.here->host->record().name},
                                  {"reason", "no credit"}});
  context_.metrics.host_joins_not_taken.Increment();
  channel.here->host->RemoveWaitingJoin();
  Actions actions;
  actions.push_back({channel.pid, JoinUnavailable{}});
  Erase(channel);
  shard_.Act(std::move(actions));
}

void HostChannels::In(Pid pid, const v1::Message& message, Actions& out) {
  HostedChannel* const channel = Find(pid.serial);
  if (channel == nullptr || channel->state != State::kJoined) return;
  // Phoenix: no clause of handle_in matches.
  if (message.event_is_json()) return Crash(*channel, out);
  Event(HostCallback::kIn, *channel, InFrame(pid, message), out);
}

void HostChannels::Out(Pid pid, const v1::Message& broadcast, Actions& out) {
  HostedChannel* const channel = Find(pid.serial);
  if (channel == nullptr || channel->state != State::kJoined) return;
  Event(HostCallback::kOut, *channel, OutFrame(pid, broadcast), out);
}

void HostChannels::Info(Pid pid, const v1::Message& message, Actions& out) {
  HostedChannel* const channel = Find(pid.serial);
  if (channel == nullptr || channel->state != State::kJoined) return;
  Event(HostCallback::kInfo, *channel, InfoFrame(pid, message), out);
}

std::string HostChannels::NameOf(Pid pid) const {
  const HostedChannel* const channel = Find(pid.serial);
  if (channel == nullptr || channel->here == nullptr) return {};
  return channel->here->host->record().name;
}

void HostChannels::Event(HostCallback callback, HostedChannel& channel,
                         v1::ChannelFrame frame, Actions& out) {
  HostHere& here = *channel.here;
  if (here.line.empty() && here.host->credits().Take(callback)) {
    return here.host->Send(std::move(frame));
  }
  if (channel.queue.size() >= context_.limits.host_channel_queue_max) {
    context_.metrics.host_queues_exceeded.Increment();
    log::Warning("channel crashed", {{"host", here.host->record().name},
                                     {"reason", "the host does not keep up"}});
    return Crash(channel, out);
  }
  channel.queue.push_back(std::move(frame));
  GetInLine(channel);
}

void HostChannels::GetInLine(HostedChannel& channel) {
  if (std::exchange(channel.in_line, true)) return;
  HostHere& here = *channel.here;
  here.line.push_back(channel.pid.serial);
  // Behind others there is nothing to hope for yet.
  if (here.line.size() == 1) Serve(here);
}

void HostChannels::Serve(const AttachedHostPtr& host) {
  loop_.CheckInTurn();
  const auto here = heres_.find(host.get());
  if (here != heres_.end()) Serve(*here->second);
}

// A credit for each in turn, so that nobody waits behind a busy channel.
void HostChannels::Serve(HostHere& here) {
  while (!here.line.empty()) {
    const uint64_t serial = here.line.front();
    HostedChannel* const channel = Find(serial);
    if (channel == nullptr || channel->here != &here || !channel->in_line) {
      here.line.pop_front();
      continue;
    }
    const HostCallback callback = channel->queue.empty()
                                      ? HostCallback::kTerminate
                                      : CallbackOf(channel->queue.front());
    if (!here.host->TakeOrWait(callback, number_)) return;
    here.line.pop_front();
    SendNext(*channel);
    const bool more =
        !channel->queue.empty() ||
        (channel->state == State::kEnding && !channel->terminate_sent);
    channel->in_line = more;
    if (more) here.line.push_back(serial);
  }
}

// A credit has been taken for it.
void HostChannels::SendNext(HostedChannel& channel) {
  if (channel.queue.empty()) return SendTerminate(channel);
  v1::ChannelFrame frame = std::move(channel.queue.front());
  channel.queue.erase(channel.queue.begin());
  if (frame.has_join()) {
    if (channel.timer != Loop::Timer()) StopWaitingForJoin(channel);
    channel.state = State::kJoining;
    channel.join_owed = true;
    channel.sent_ms = context_.clock.NowMs();
  }
  channel.here->host->Send(std::move(frame));
}

void HostChannels::StopWaitingForJoin(HostedChannel& channel) {
  StopWaiting(channel);
  channel.here->host->RemoveWaitingJoin();
}

void HostChannels::Link(HostedChannel& channel, HostHere& here) {
  channel.here = &here;
  channel.next = here.first;
  if (here.first != nullptr) here.first->previous = &channel;
  here.first = &channel;
  here.host->Link();
  if (channel.state == State::kEnding) ++ending_;
}

void HostChannels::Unlink(HostedChannel& channel) {
  if (channel.here == nullptr) return;
  if (channel.next != nullptr) channel.next->previous = channel.previous;
  if (channel.previous != nullptr) {
    channel.previous->next = channel.next;
  } else {
    channel.here->first = channel.next;
  }
  channel.next = channel.previous = nullptr;
  channel.in_line = false;
  if (channel.state == State::kEnding) --ending_;
  const AttachedHostPtr host = channel.here->host;
  channel.here = nullptr;
  host->Unlink();
}

void HostChannels::Erase(HostedChannel& channel) {
  StopWaiting(channel);
  Unlink(channel);
  channel.pattern->kept_bytes -= channel.kept_bytes;
  context_.metrics.host_terminates_kept_bytes.Decrement(
      static_cast<double>(channel.kept_bytes));
  channels_.erase(channel.pid.serial);
  FinishAwait();
}

void HostChannels::Wait(HostedChannel& channel, uint32_t delay_ms,
                        void (HostChannels::*turn)(uint64_t serial)) {
  StopWaiting(channel);
  const uint64_t serial = channel.pid.serial;
  channel.timer =
      loop_.After(delay_ms, [this, turn, serial] { (this->*turn)(serial); });
}

void HostChannels::StopWaiting(HostedChannel& channel) {
  if (channel.timer == Loop::Timer()) return;
  loop_.Cancel(std::exchange(channel.timer, {}));
}

}  // namespace aerie::broker
