#include "broker/hosts/attached/channel_frames.h"

#include <utility>

#include "broker/channel/socket_info.h"

namespace aerie::broker {
namespace {

v1::ChannelFrame Frame(Pid pid) {
  v1::ChannelFrame frame;
  frame.set_channel(pid.number());
  return frame;
}

void SetPayload(const v1::Message& message, v1::Payload* payload) {
  if (message.has_binary()) {
    payload->set_binary(message.binary());
  } else if (message.has_json()) {
    payload->set_json(message.json());
  }
}

// In the order of ExitReason.
constexpr v1::ExitReason kReasons[] = {
    v1::EXIT_REASON_LEFT,        v1::EXIT_REASON_CLOSED,
    v1::EXIT_REASON_EDGE_LOST,   v1::EXIT_REASON_DUPLICATE_JOIN,
    v1::EXIT_REASON_STOP_NORMAL, v1::EXIT_REASON_STOP_SHUTDOWN,
    v1::EXIT_REASON_EXIT_NORMAL, v1::EXIT_REASON_HOST_LOST,
    v1::EXIT_REASON_KILLED,      v1::EXIT_REASON_DRAINING,
    v1::EXIT_REASON_CRASH,
};
static_assert(sizeof(kReasons) / sizeof(kReasons[0]) == kExitReasons);

}  // namespace

v1::ChannelFrame JoinFrame(Pid pid, const Socket& socket,
                           const v1::Message& join, absl::string_view pattern) {
  v1::ChannelFrame frame = Frame(pid);
  v1::ChannelFrame::Join& out = *frame.mutable_join();
  out.set_topic(join.topic());
  SetPayload(join, out.mutable_payload());
  Describe(socket, out.mutable_socket());
  out.set_pattern(std::string(pattern));
  return frame;
}

v1::ChannelFrame InFrame(Pid pid, const v1::Message& event) {
  v1::ChannelFrame frame = Frame(pid);
  v1::ChannelFrame::HandleIn& out = *frame.mutable_handle_in();
  out.set_event(event.event());
  out.set_ref(event.ref());
  SetPayload(event, out.mutable_payload());
  return frame;
}

v1::ChannelFrame OutFrame(Pid pid, const v1::Message& broadcast) {
  v1::ChannelFrame frame = Frame(pid);
  frame.mutable_handle_out()->set_event(broadcast.event());
  SetPayload(broadcast, frame.mutable_handle_out()->mutable_payload());
  return frame;
}

v1::ChannelFrame InfoFrame(Pid pid, const v1::Message& message) {
  v1::ChannelFrame frame = Frame(pid);
  frame.mutable_handle_info()->set_event(message.event());
  SetPayload(message, frame.mutable_handle_info()->mutable_payload());
  return frame;
}

v1::ExitReason ToProto(ExitReason reason) {
  return kReasons[static_cast<int>(reason)];
}

bool FromProto(v1::ExitReason reason, ExitReason* stop) {
  switch (reason) {
    case v1::EXIT_REASON_STOP_NORMAL:
      *stop = ExitReason::kStopNormal;
      return true;
    case v1::EXIT_REASON_STOP_SHUTDOWN:
      *stop = ExitReason::kStopShutdown;
      return true;
    case v1::EXIT_REASON_EXIT_NORMAL:
      *stop = ExitReason::kExitNormal;
      return true;
    case v1::EXIT_REASON_CRASH:
      *stop = ExitReason::kCrash;
      return true;
    default:
      return false;
  }
}

Payload TakePayload(v1::Payload* payload) {
  if (payload->has_binary()) {
    return {std::move(*payload->mutable_binary()), /*binary=*/true};
  }
  if (payload->has_json()) return {std::move(*payload->mutable_json())};
  return {};
}

Reply TakeReply(v1::HostFrame::Reply* reply) {
  Reply out;
  out.ref = std::move(*reply->mutable_ref());
  if (!reply->status().empty()) {
    out.status = std::move(*reply->mutable_status());
  }
  out.response = TakePayload(reply->mutable_payload());
  return out;
}

}  // namespace aerie::broker
