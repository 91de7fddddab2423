#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/channel/channel.h"
#include "broker/channel/service_payload.h"
#include "broker/hosts/attached/channel_frames.h"
#include "broker/hosts/attached/host_channels.h"

// What the answers of attached hosts do to their channels.
namespace aerie::broker {
namespace {

using Frame = v1::HostFrame;

double SecondsSince(const Clock& clock, int64_t since_ms) {
  return static_cast<double>(clock.NowMs() - since_ms) / 1000;
}

}  // namespace

void HostChannels::Answer(const AttachedHostPtr& host,
                          std::vector<v1::HostFrame> frames) {
  loop_.CheckInTurn();
  // A host that has no channels here, or has been replaced, has no place.
  const auto found = heres_.find(host.get());
  HostHere* const here = found == heres_.end() ? nullptr : found->second.get();
  Actions actions;
  for (Frame& frame : frames) {
    const absl::Status status = Do(here, frame, actions);
    if (!status.ok()) {
      host->End(status);
      break;
    }
  }
  shard_.Act(std::move(actions));
  if (here != nullptr) Serve(*here);
}

absl::Status HostChannels::Do(const HostHere* here, Frame& frame,
                              Actions& out) {
  HostedChannel* const channel = Pid::Of(frame.channel()).shard == number_
                                     ? Find(Pid::Of(frame.channel()).serial)
                                     : nullptr;
  if (channel == nullptr || here == nullptr || channel->here != here) {
    Foreign(frame, out);
    return absl::OkStatus();
  }
  const Pid pid = channel->pid;
  switch (frame.frame_case()) {
    case Frame::kJoinReply:
      return Do(*channel, *frame.mutable_join_reply(), out);
    case Frame::kReply:
      out.push_back({pid, TakeReply(frame.mutable_reply())});
      break;
    case Frame::kPush:
      out.push_back(
          {pid, Push{std::move(*frame.mutable_push()->mutable_event()),
                     TakePayload(frame.mutable_push()->mutable_payload())}});
      break;
    case Frame::kBroadcast:
      Do(*channel, *frame.mutable_broadcast(), out);
      break;
    case Frame::kStop:
      Do(*channel, *frame.mutable_stop(), out);
      break;
    case Frame::kLeft:
      out.push_back({pid, Left{}});
      break;
    case Frame::kTerminated:
      Do(*channel, frame.terminated(), out);
      break;
    case Frame::kSetAssigns:
      channel->assigns =
          std::move(*frame.mutable_set_assigns()->mutable_assigns());
      break;
    default:
      Foreign(frame, out);
      break;
  }
  return absl::OkStatus();
}

// What needs no channel of this host: a message to any channel of this shard,
// or a broadcast to a topic of it. All else is about a channel that has ended.
void HostChannels::Foreign(Frame& frame, Actions& out) {
  if (frame.has_send()) {
    Frame::Send& send = *frame.mutable_send();
    out.push_back({Pid::Of(send.to()),
                   broker::Info{std::move(*send.mutable_event()),
                                TakePayload(send.mutable_payload())}});
  } else if (frame.has_broadcast() && !frame.broadcast().topic().empty()) {
    Frame::Broadcast& broadcast = *frame.mutable_broadcast();
    v1::Message message;
    message.set_kind(v1::Message::KIND_BROADCAST);
    message.set_topic(std::move(*broadcast.mutable_topic()));
    message.set_event(std::move(*broadcast.mutable_event()));
    SetPayload(TakePayload(broadcast.mutable_payload()), &message);
    // Behind what the host has said before.
    shard_.Act(std::exchange(out, {}));
    shard_.Broadcast({.message = std::move(message)});
  } else {
    context_.metrics.host_answers_dropped.Increment();
  }
}

absl::Status HostChannels::Do(HostedChannel& channel, Frame::JoinReply& reply,
                              Actions& out) {
  if (!std::exchange(channel.join_owed, false)) {
    return absl::InvalidArgumentError(
        absl::StrCat("join_reply, channel ", channel.pid.number(),
                     ": its join has been answered"));
  }
  context_.metrics.host_join_seconds.Observe(
      SecondsSince(context_.clock, channel.sent_ms));
  const bool ok = reply.ok() && !reply.crashed();
  if (ok) {
    channel.joined = true;
    channel.assigns = std::move(*reply.mutable_assigns());
  }
  // The shard has given up on it: the terminate that it has been sent counts.
  if (channel.state == State::kEnding) return absl::OkStatus();
  if (reply.crashed()) {
    out.push_back({channel.pid, JoinCrashed{}});
    Erase(channel);
    return absl::OkStatus();
  }
  Joined joined;
  joined.ok = ok;
  joined.response = TakePayload(reply.mutable_payload());
  joined.intercepts.assign(reply.intercepts().begin(),
                           reply.intercepts().end());
  const HostHere& here = *channel.here;
  const HostPattern* const pattern =
      here.host->record().Find(channel.pattern->name);
  if (pattern != nullptr) {
    joined.intercepts.insert(joined.intercepts.end(),
                             pattern->intercepts.begin(),
                             pattern->intercepts.end());
  }
  out.push_back({channel.pid, std::move(joined)});
  if (!ok) {
    Erase(channel);
    return absl::OkStatus();
  }
  channel.state = State::kJoined;
  if (here.drain_over) {
    out.push_back({channel.pid, Stop{ExitReason::kDraining}});
  }
  return absl::OkStatus();
}

// A terminate that another host runs speaks to a topic that the channel has
// left already.
void HostChannels::Do(HostedChannel& channel, Frame::Broadcast& broadcast,
                      Actions& out) {
  const bool own =
      broadcast.topic().empty() || broadcast.topic() == channel.topic;
  if (own && !channel.redelivered) {
    out.push_back({channel.pid,
                   broker::Broadcast{std::move(*broadcast.mutable_event()),
                                     TakePayload(broadcast.mutable_payload()),
                                     broadcast.except_self()}});
    return;
  }
  Frame foreign;
  if (own) broadcast.set_topic(channel.topic);
  *foreign.mutable_broadcast() = std::move(broadcast);
  Foreign(foreign, out);
}

void HostChannels::Do(HostedChannel& channel, Frame::Stop& stop, Actions& out) {
  ExitReason reason;
  // Its Join is not answered yet, or another host's terminate is all it runs.
  if (!channel.joined || channel.redelivered ||
      !FromProto(stop.reason(), &reason)) {
    context_.metrics.host_answers_dropped.Increment();
    return;
  }
  if (stop.has_reply()) {
    out.push_back({channel.pid, TakeReply(stop.mutable_reply())});
  }
  out.push_back({channel.pid, broker::Stop{reason}});
  const bool terminate_follows =
      reason == ExitReason::kStopNormal || reason == ExitReason::kStopShutdown;
  // When both ends have crossed, the host acknowledges the shard's.
  if (terminate_follows) return;
  channel.ack_owed = false;
  if (channel.state == State::kJoined) Erase(channel);
}

void HostChannels::Do(HostedChannel& channel,
                      const Frame::Terminated& /*terminated*/, Actions& out) {
  if (!channel.terminate_sent) {
    context_.metrics.host_answers_dropped.Increment();
    return;
  }
  context_.metrics.host_terminate_seconds.Observe(
      SecondsSince(context_.clock, channel.sent_ms));
  Acknowledge(channel, out);
  Erase(channel);
}

}  // namespace aerie::broker
