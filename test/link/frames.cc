#include "test/link/frames.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace aerie::testing {
namespace {

std::string Text(const v1::Message& message) {
  const std::string kind = absl::AsciiStrToLower(
      absl::string_view(v1::Message::Kind_Name(message.kind())).substr(5));
  std::string line = absl::StrCat(kind, " ", message.topic());
  switch (message.kind()) {
    case v1::Message::KIND_JOIN_REPLY:
      return absl::StrCat(line, " ", message.status());
    case v1::Message::KIND_REPLY:
      return absl::StrCat(line, " ", message.ref(), " ", message.status());
    case v1::Message::KIND_PUSH:
      return absl::StrCat(line, " ", message.event(), " ", message.json());
    default:
      return line;
  }
}

}  // namespace

v1::EdgeFrame Hello(const std::string& edge, uint64_t epoch, uint32_t major) {
  v1::EdgeFrame frame;
  frame.mutable_hello()->set_major(major);
  frame.mutable_hello()->set_edge(edge);
  frame.mutable_hello()->set_epoch(epoch);
  return frame;
}

v1::EdgeFrame Connect(uint64_t socket, const std::string& socket_id) {
  v1::EdgeFrame frame;
  frame.set_socket(socket);
  v1::Connect& connect = *frame.mutable_connect();
  connect.set_mount("/socket");
  connect.set_dialect(v1::DIALECT_V2);
  connect.set_transport(v1::TRANSPORT_WEBSOCKET);
  if (!socket_id.empty()) {
    v1::Field& param = *connect.add_params();
    param.set_name("id");
    param.set_value(socket_id);
  }
  return frame;
}

v1::EdgeFrame Resume(uint64_t socket, const std::string& blob) {
  v1::EdgeFrame frame;
  frame.set_socket(socket);
  frame.mutable_resume()->set_blob(blob);
  return frame;
}

v1::EdgeFrame Gone(uint64_t socket) {
  v1::EdgeFrame frame;
  frame.set_socket(socket);
  frame.mutable_gone();
  return frame;
}

v1::EdgeFrame Event(uint64_t socket, const std::string& topic,
                    const std::string& event, uint64_t ref,
                    const std::string& payload) {
  v1::EdgeFrame frame;
  frame.set_socket(socket);
  v1::Message& message = *frame.mutable_message();
  message.set_topic(topic);
  message.set_event(event);
  message.set_ref(absl::StrCat(ref));
  message.set_json(payload);
  return frame;
}

std::string Text(const v1::BrokerFrame& frame) {
  switch (frame.frame_case()) {
    case v1::BrokerFrame::kWelcome:
      return "welcome";
    case v1::BrokerFrame::kDrain:
      return "drain";
    case v1::BrokerFrame::kOpened:
      return absl::StrCat(frame.socket(), " opened");
    case v1::BrokerFrame::kRefused:
      return absl::StrCat(frame.socket(), " refused ",
                          frame.refused().status());
    case v1::BrokerFrame::kClose:
      return absl::StrCat(frame.socket(), " close ", frame.close().code());
    case v1::BrokerFrame::kMessage:
      return absl::StrCat(frame.socket(), " ", Text(frame.message()));
    default:
      return "";
  }
}

}  // namespace aerie::testing
