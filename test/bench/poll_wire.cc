#include "test/bench/poll_wire.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace aerie::bench {
namespace {

using nlohmann::json;

constexpr absl::string_view kVersion = "HTTP/1.1 ";
constexpr absl::string_view kHeadEnd = "\r\n\r\n";
constexpr absl::string_view kNoLength = "a response without a Content-Length";

bool ReadStatus(absl::string_view head, uint32_t* status) {
  return absl::ConsumePrefix(&head, kVersion) &&
         absl::SimpleAtoi(head.substr(0, 3), status);
}

// The value of a header; empty if there is none. `name` is in lower case.
absl::string_view ValueOf(absl::string_view head, absl::string_view name) {
  for (size_t at = head.find("\r\n"); at != absl::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    absl::string_view line = head.substr(at + 2);
    line = line.substr(0, line.find('\r'));
    const size_t colon = line.find(':');
    if (colon != absl::string_view::npos &&
        absl::EqualsIgnoreCase(line.substr(0, colon), name)) {
      return absl::StripAsciiWhitespace(line.substr(colon + 1));
    }
  }
  return {};
}

std::string TargetOf(absl::string_view request, absl::string_view token) {
  if (token.empty()) return std::string(request);
  return absl::StrCat(request, "&token=", token);
}

}  // namespace

absl::StatusOr<size_t> TakeResponse(absl::string_view bytes,
                                    HttpResponse* response) {
  const size_t head_size = bytes.find(kHeadEnd);
  if (head_size == absl::string_view::npos) {
    const size_t some = std::min(bytes.size(), kVersion.size());
    if (bytes.substr(0, some) != kVersion.substr(0, some)) {
      return absl::InvalidArgumentError("not a response of HTTP/1.1");
    }
    return 0;
  }
  const absl::string_view head = bytes.substr(0, head_size);
  if (!ReadStatus(head, &response->status)) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a response of HTTP/1.1: ", head));
  }
  size_t length = 0;
  if (!absl::SimpleAtoi(ValueOf(head, "content-length"), &length)) {
    return absl::InvalidArgumentError(kNoLength);
  }
  response->close =
      absl::EqualsIgnoreCase(ValueOf(head, "connection"), "close");
  bytes.remove_prefix(head_size + kHeadEnd.size());
  if (bytes.size() < length) return 0;
  response->body = bytes.substr(0, length);
  return head_size + kHeadEnd.size() + length;
}

bool ParsePollAnswer(absl::string_view body, PollAnswer* answer) {
  const json parsed = json::parse(body.begin(), body.end(), nullptr, false);
  if (!parsed.is_object()) return false;
  const auto status = parsed.find("status");
  if (status == parsed.end() || !status->is_number_unsigned()) return false;
  *answer = {};
  answer->status = status->get<uint32_t>();
  const auto token = parsed.find("token");
  if (token != parsed.end()) {
    if (!token->is_string()) return false;
    answer->token = token->get<std::string>();
  }
  const auto messages = parsed.find("messages");
  if (messages == parsed.end()) return true;
  if (!messages->is_array()) return false;
  for (const json& message : *messages) {
    if (!message.is_string()) return false;
    answer->messages.push_back(message.get<std::string>());
  }
  return true;
}

std::string LongPollOf(absl::string_view request) {
  constexpr absl::string_view kWebSocket = "/websocket";
  const size_t path_size = std::min(request.find('?'), request.size());
  absl::string_view path = request.substr(0, path_size);
  if (!absl::ConsumeSuffix(&path, kWebSocket)) return std::string(request);
  return absl::StrCat(path, "/longpoll", request.substr(path_size));
}

std::string PollGet(absl::string_view host, absl::string_view request,
                    absl::string_view token) {
  return absl::StrCat("GET ", TargetOf(request, token),
                      " HTTP/1.1\r\nHost: ", host, kHeadEnd);
}

std::string PollPost(absl::string_view host, absl::string_view request,
                     absl::string_view token, absl::string_view lines) {
  return absl::StrCat("POST ", TargetOf(request, token),
                      " HTTP/1.1\r\nHost: ", host,
                      "\r\nContent-Type: application/x-ndjson\r\n",
                      "Content-Length: ", lines.size(), kHeadEnd, lines);
}

}  // namespace aerie::bench
