#include "broker/control/rules.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/channel/pid.h"
#include "broker/channel/service_payload.h"
#include "broker/channel/socket_info.h"
#include "broker/control/violations.h"

namespace aerie::broker {
namespace {

using Selector = v1::ChannelSelector;

constexpr size_t kNameBytesMax = 1'024;
constexpr int kExceptMax = 100;
constexpr size_t kKeyBytesMax = 128;
constexpr int kBatchMax = 1'000;
constexpr int kWatchedBroadcastsMax = 100;
constexpr uint32_t kPageSize = 100;
constexpr uint32_t kPageSizeMax = 1'000;
// So that a token of another version, or of nobody, is not taken for one.
constexpr absl::string_view kTokenStart = "1:";

void CheckName(absl::string_view field, absl::string_view name,
               Violations& violations) {
  if (name.empty() || name.size() > kNameBytesMax) {
    violations.Add(field, absl::StrCat("expected 1 to ", kNameBytesMax,
                                       " bytes, got ", name.size()));
  }
}

void CheckEvent(absl::string_view event, Violations& violations) {
  CheckName("event", event, violations);
  if (absl::StartsWith(event, "phx_")) {
    violations.Add("event", "`phx_*` is reserved");
  }
}

void CheckPayload(const v1::Payload& payload, const Limits& limits,
                  Violations& violations) {
  const absl::Status status = CheckEventPayload(payload, limits.max_frame_size);
  if (!status.ok()) violations.Add("payload", status.message());
}

void CheckSelector(absl::string_view field, const Selector& selector,
                   Violations& violations) {
  switch (selector.selector_case()) {
    case Selector::kChannel:
      if (selector.channel() == 0) {
        violations.Add(absl::StrCat(field, ".channel"), "no channel is 0");
      }
      return;
    case Selector::kSocketTopic:
      CheckName(absl::StrCat(field, ".socket_topic.socket_id"),
                selector.socket_topic().socket_id(), violations);
      CheckName(absl::StrCat(field, ".socket_topic.topic"),
                selector.socket_topic().topic(), violations);
      return;
    case Selector::kTopic:
      CheckName(absl::StrCat(field, ".topic"), selector.topic(), violations);
      return;
    case Selector::SELECTOR_NOT_SET:
      violations.Add(field, "expected one of channel, socket_topic and topic");
  }
}

// RFC 6455, section 7.4: those that an endpoint may send.
bool MayClose(uint32_t code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1001 && code <= 1014 && code != 1004 && code != 1005 &&
         code != 1006;
}

}  // namespace

absl::Status Check(const v1::BroadcastRequest& request, const Limits& limits) {
  Violations violations;
  CheckName("topic", request.topic(), violations);
  CheckEvent(request.event(), violations);
  CheckPayload(request.payload(), limits, violations);
  if (request.except_socket_ids_size() > kExceptMax) {
    violations.Add("except_socket_ids",
                   absl::StrCat("expected at most ", kExceptMax));
  }
  if (request.idempotency_key().size() > kKeyBytesMax) {
    violations.Add("idempotency_key",
                   absl::StrCat("expected at most ", kKeyBytesMax, " bytes"));
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::BroadcastBatchRequest& request) {
  Violations violations;
  if (request.broadcasts().empty() || request.broadcasts_size() > kBatchMax) {
    violations.Add("broadcasts",
                   absl::StrCat("expected 1 to ", kBatchMax, ", got ",
                                request.broadcasts_size()));
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::PushRequest& request, const Limits& limits) {
  Violations violations;
  CheckSelector("to", request.to(), violations);
  if (request.to().has_topic()) {
    violations.Add("to.topic", "to all of a topic is what Broadcast does");
  }
  CheckEvent(request.event(), violations);
  CheckPayload(request.payload(), limits, violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::DisconnectRequest& request) {
  Violations violations;
  CheckName("socket_id", request.socket_id(), violations);
  if (request.code() != 0 && !MayClose(request.code())) {
    violations.Add("code", absl::StrCat(request.code(),
                                        " may not be sent; expected 1001 to "
                                        "1014 (RFC 6455, section 7.4) or 3000 "
                                        "to 4999"));
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::CloseChannelRequest& request) {
  Violations violations;
  CheckSelector("channels", request.channels(), violations);
  if (!v1::CloseChannelRequest::Reason_IsValid(request.reason())) {
    violations.Add("reason", absl::StrCat("unknown: ", request.reason()));
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::RenewTokenRequest& request) {
  Violations violations;
  absl::string_view edge;
  uint64_t number;
  if (!ParseSocketKey(request.socket_key(), &edge, &number)) {
    violations.Add("socket_key", "expected what SocketInfo.key says");
  }
  if (request.token().empty()) violations.Add("token", "missing");
  if (!request.mount().empty() && request.mount()[0] != '/') {
    violations.Add("mount", "expected a path that starts with a slash");
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::GetTopicRequest& request) {
  Violations violations;
  CheckName("topic", request.topic(), violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetSocketRequest& request) {
  Violations violations;
  absl::string_view edge;
  uint64_t number;
  if (!ParseSocketKey(request.key(), &edge, &number)) {
    violations.Add("key", "expected what SocketInfo.key says");
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::WatchRequest& request) {
  Violations violations;
  if (request.broadcasts_size() > kWatchedBroadcastsMax) {
    violations.Add("broadcasts",
                   absl::StrCat("expected at most ", kWatchedBroadcastsMax));
  }
  for (int i = 0; i < request.broadcasts_size(); ++i) {
    CheckName(absl::StrCat("broadcasts[", i, "]"), request.broadcasts(i),
              violations);
  }
  if (!request.channels() && !request.sockets() && !request.topics() &&
      request.broadcasts().empty()) {
    violations.Add("channels",
                   "nothing to watch: expected channels, sockets, "
                   "topics or broadcasts");
  }
  return violations.ToStatus();
}

ChannelSet ToChannelSet(const Selector& selector) {
  ChannelSet set;
  if (selector.has_channel()) {
    set.pid = Pid::Of(selector.channel());
  } else if (selector.has_socket_topic()) {
    set.topic = selector.socket_topic().topic();
    set.socket_id = selector.socket_topic().socket_id();
  } else {
    set.topic = selector.topic();
  }
  return set;
}

absl::StatusOr<Page> ToPage(uint32_t page_size, absl::string_view page_token) {
  Page page;
  page.size = page_size == 0 ? kPageSize : std::min(page_size, kPageSizeMax);
  if (page_token.empty()) return page;
  std::string text;
  absl::string_view after;
  if (absl::WebSafeBase64Unescape(page_token, &text)) {
    after = text;
    if (absl::ConsumePrefix(&after, kTokenStart)) {
      page.after = std::string(after);
      return page;
    }
  }
  Violations violations;
  violations.Add("page_token", "expected what the page before has given");
  return violations.ToStatus();
}

std::string PageToken(absl::string_view last) {
  return absl::WebSafeBase64Escape(absl::StrCat(kTokenStart, last));
}

}  // namespace aerie::broker
