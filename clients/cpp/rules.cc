#include "clients/cpp/rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/limits.h"
#include "proto/phoenix/json.h"
#include "proto/phoenix/utf8.h"

namespace aerie::client {
namespace {

template <typename... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::Status CheckText(absl::string_view what, absl::string_view text,
                       size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Wrong(what, " of ", text.size(), " bytes, at most ", bytes_max);
  }
  if (!phoenix::IsValidUtf8(text)) return Wrong(what, " that is not UTF-8");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTopic(absl::string_view topic) {
  if (topic.empty()) return Wrong("the topic is empty");
  return CheckText("a topic", topic, limits::kPayloadBytesMax);
}

absl::Status CheckPattern(absl::string_view pattern) {
  if (pattern.empty()) return Wrong("the pattern is empty");
  if (pattern.find('*') < pattern.size() - 1) {
    return Wrong("the pattern is no topic, and no prefix with a * at its end");
  }
  return CheckText("a pattern", pattern, limits::kPatternBytesMax);
}

absl::Status CheckEventName(absl::string_view event) {
  if (absl::StartsWith(event, "phx_")) {
    return Wrong("events that begin with phx_ are reserved");
  }
  return CheckText("an event", event, limits::kPayloadBytesMax);
}

absl::Status CheckPayload(const Payload& payload, uint64_t bytes_max) {
  if (payload.text().size() > bytes_max) {
    return Wrong("a payload of ", payload.text().size(), " bytes, at most ",
                 bytes_max);
  }
  if (payload.checked()) return absl::OkStatus();
  const absl::Status valid = phoenix::ValidateJson(payload.text());
  return valid.ok() ? valid : Wrong("a payload: ", valid.message());
}

absl::Status CheckEvent(absl::string_view event, const Payload& payload,
                        uint64_t bytes_max) {
  absl::Status status = CheckEventName(event);
  if (status.ok()) status = CheckPayload(payload, bytes_max);
  if (!status.ok()) return status;
  if (!payload.binary() && !phoenix::IsJsonObject(payload.text())) {
    return Wrong("the payload of an event is an object, or bytes");
  }
  return absl::OkStatus();
}

absl::Status CheckReplyStatus(absl::string_view status) {
  return CheckText("a status", status, limits::kStatusBytesMax);
}

absl::Status CheckConnect(absl::string_view socket_id,
                          absl::string_view assigns) {
  absl::Status id =
      CheckText("a socket id", socket_id, limits::kSocketIdBytesMax);
  if (!id.ok() || assigns.empty()) return id;
  if (assigns.size() > limits::kConnectAssignsBytesMax) {
    return Wrong("assigns of more than ", limits::kConnectAssignsBytesMax,
                 " bytes");
  }
  if (!phoenix::ValidateJson(assigns).ok() || !phoenix::IsJsonObject(assigns)) {
    return Wrong("assigns must be a JSON object");
  }
  return absl::OkStatus();
}

}  // namespace aerie::client
