#include "broker/hosts/attached/testing/host_frames.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace aerie::broker {
namespace {

v1::HostFrame Of(uint64_t channel) {
  v1::HostFrame frame;
  frame.set_channel(channel);
  return frame;
}

std::string TextOf(const v1::Payload& payload) {
  if (payload.has_binary()) return absl::StrCat("<", payload.binary(), ">");
  return payload.json().empty() ? "{}" : payload.json();
}

std::string ReasonOf(v1::ExitReason reason) {
  const std::string& name = v1::ExitReason_Name(reason);
  return absl::AsciiStrToLower(absl::string_view(name).substr(12));
}

void SetJson(const std::string& json, v1::Payload* payload) {
  if (!json.empty()) payload->set_json(json);
}

}  // namespace

v1::HostFrame Registration(const std::string& name,
                           const std::vector<std::string>& patterns,
                           uint32_t capacity) {
  v1::HostFrame frame;
  v1::HostFrame::Registration& out = *frame.mutable_registration();
  out.set_major(1);
  out.set_name("test");
  out.set_instance(name);
  out.set_capacity(capacity);
  for (const std::string& pattern : patterns) {
    out.add_patterns()->set_pattern(pattern);
  }
  return frame;
}

v1::HostFrame JoinOk(uint64_t channel, const std::string& payload,
                     const std::vector<std::string>& intercepts) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_join_reply()->set_ok(true);
  SetJson(payload, frame.mutable_join_reply()->mutable_payload());
  for (const std::string& event : intercepts) {
    frame.mutable_join_reply()->add_intercepts(event);
  }
  return frame;
}

v1::HostFrame JoinError(uint64_t channel, const std::string& payload) {
  v1::HostFrame frame = Of(channel);
  SetJson(payload, frame.mutable_join_reply()->mutable_payload());
  return frame;
}

v1::HostFrame JoinCrash(uint64_t channel) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_join_reply()->set_crashed(true);
  return frame;
}

v1::HostFrame ReplyTo(uint64_t channel, const std::string& ref,
                      const std::string& payload) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_reply()->set_ref(ref);
  SetJson(payload, frame.mutable_reply()->mutable_payload());
  return frame;
}

v1::HostFrame PushTo(uint64_t channel, const std::string& event,
                     const std::string& payload) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_push()->set_event(event);
  SetJson(payload, frame.mutable_push()->mutable_payload());
  return frame;
}

v1::HostFrame BroadcastFrom(uint64_t channel, const std::string& event,
                            const std::string& topic, bool except_self) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_broadcast()->set_event(event);
  frame.mutable_broadcast()->set_topic(topic);
  frame.mutable_broadcast()->set_except_self(except_self);
  return frame;
}

v1::HostFrame StopWith(uint64_t channel, v1::ExitReason reason) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_stop()->set_reason(reason);
  return frame;
}

v1::HostFrame Leaves(uint64_t channel) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_left();
  return frame;
}

v1::HostFrame Terminates(uint64_t channel, const std::string& event_id) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_terminated()->set_event_id(event_id);
  return frame;
}

v1::HostFrame Assigns(uint64_t channel, const std::string& assigns) {
  v1::HostFrame frame = Of(channel);
  frame.mutable_set_assigns()->set_assigns(assigns);
  return frame;
}

v1::HostFrame Done(uint32_t callbacks) {
  v1::HostFrame frame;
  frame.mutable_done()->set_callbacks(callbacks);
  return frame;
}

v1::HostFrame SendTo(uint64_t to, const std::string& event) {
  v1::HostFrame frame;
  frame.mutable_send()->set_to(to);
  frame.mutable_send()->set_event(event);
  return frame;
}

v1::HostFrame Disconnects(const std::string& socket_id) {
  v1::HostFrame frame;
  frame.mutable_disconnect()->set_socket_id(socket_id);
  return frame;
}

v1::HostFrame ConnectOk(uint64_t id, const std::string& socket_id) {
  v1::HostFrame frame;
  frame.mutable_connect_reply()->set_id(id);
  frame.mutable_connect_reply()->set_ok(true);
  frame.mutable_connect_reply()->set_socket_id(socket_id);
  return frame;
}

v1::HostFrame ConnectRefused(uint64_t id, uint32_t status) {
  v1::HostFrame frame;
  frame.mutable_connect_reply()->set_id(id);
  frame.mutable_connect_reply()->set_status(status);
  return frame;
}

v1::HostFrame DrainFor(uint32_t window_ms) {
  v1::HostFrame frame;
  frame.mutable_drain()->set_window_ms(window_ms);
  return frame;
}

std::string Line(const v1::ChannelFrame& frame) {
  const uint64_t channel = frame.channel();
  switch (frame.frame_case()) {
    case v1::ChannelFrame::kAttached:
      return absl::StrCat("attached ", frame.attached().capacity());
    case v1::ChannelFrame::kJoin:
      return absl::StrCat("join ", channel, " ", frame.join().topic(), " ",
                          TextOf(frame.join().payload()));
    case v1::ChannelFrame::kHandleIn:
      return absl::StrCat("in ", channel, " ", frame.handle_in().event(), " ",
                          frame.handle_in().ref(), " ",
                          TextOf(frame.handle_in().payload()));
    case v1::ChannelFrame::kHandleOut:
      return absl::StrCat("out ", channel, " ", frame.handle_out().event(), " ",
                          TextOf(frame.handle_out().payload()));
    case v1::ChannelFrame::kHandleInfo:
      return absl::StrCat("info ", channel, " ", frame.handle_info().event(),
                          " ", TextOf(frame.handle_info().payload()));
    case v1::ChannelFrame::kTerminate:
      return absl::StrCat(
          "terminate ", channel, " ", ReasonOf(frame.terminate().reason()), " ",
          frame.terminate().topic(), " ", frame.terminate().assigns(),
          frame.terminate().redelivered() ? " redelivered" : "");
    case v1::ChannelFrame::kConnect:
      return absl::StrCat("connect ", frame.connect().id(), " ",
                          frame.connect().mount());
    case v1::ChannelFrame::kDraining:
      return "draining";
    case v1::ChannelFrame::kDrained:
      return "drained";
    case v1::ChannelFrame::FRAME_NOT_SET:
      return "nothing";
  }
  return "unknown";
}

}  // namespace aerie::broker
