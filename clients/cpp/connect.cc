#include "clients/cpp/connect.h"

#include <exception>

#include "clients/cpp/attachment.h"
#include "clients/cpp/rules.h"
#include "common/log.h"
#include "proto/phoenix/utf8.h"

namespace aerie::client {
namespace {

ConnectRequest::NameValues ToNameValues(
    const google::protobuf::RepeatedPtrField<v1::NameValue>& values) {
  ConnectRequest::NameValues result;
  for (const v1::NameValue& value : values) {
    result.emplace_back(value.name(), value.value());
  }
  return result;
}

ConnectRequest ToRequest(const v1::ChannelFrame::Connect& connect) {
  ConnectRequest request{.mount = connect.mount(),
                         .params = ToNameValues(connect.params()),
                         .headers = ToNameValues(connect.headers()),
                         .peer = connect.peer(),
                         .uri = connect.uri(),
                         .token = std::nullopt};
  if (connect.has_token()) request.token = connect.token();
  return request;
}

bool Valid(const ConnectResult& result) {
  if (!result.ok) {
    return result.status >= 400 && result.status <= 599 &&
           phoenix::IsValidUtf8(result.reason);
  }
  return CheckConnect(result.socket_id, result.assigns).ok();
}

ConnectResult Ask(const ConnectCallback& callback,
                  const v1::ChannelFrame::Connect& connect) {
  const char* error = "the callback gives what is not allowed";
  try {
    if (callback == nullptr) return ConnectResult::Refuse(500);
    ConnectResult result = callback(ToRequest(connect));
    if (Valid(result)) return result;
    log::Error("callback failed", {{"callback", "connect"}, {"error", error}});
  } catch (const std::exception& e) {
    log::Error("callback failed",
               {{"callback", "connect"}, {"error", e.what()}});
  } catch (...) {  // The application may throw what it likes.
    log::Error("callback failed", {{"callback", "connect"}});
  }
  return ConnectResult::Refuse(500);
}

}  // namespace

absl::string_view ConnectRequest::Last(const NameValues& values,
                                       absl::string_view name) {
  for (auto it = values.rbegin(); it != values.rend(); ++it) {
    if (it->first == name) return it->second;
  }
  return "";
}

v1::HostFrame AnswerConnect(const ConnectCallback& callback,
                            const v1::ChannelFrame::Connect& connect) {
  const ConnectResult result = Ask(callback, connect);
  v1::HostFrame frame;
  v1::HostFrame::ConnectReply& reply = *frame.mutable_connect_reply();
  reply.set_id(connect.id());
  reply.set_ok(result.ok);
  reply.set_socket_id(result.socket_id);
  reply.set_assigns(result.assigns);
  reply.set_status(result.status);
  reply.set_reason(result.reason);
  return frame;
}

}  // namespace aerie::client
