#include "broker/hosts/attached/channel_frames.h"

#include <utility>

#include "broker/channel/service_payload.h"
#include "broker/channel/socket_info.h"

namespace aerie::broker {
namespace {

v1::ChannelFrame Frame(Pid pid) {
  v1::ChannelFrame frame;
  frame.set_channel(pid.number());
  return frame;
}

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
