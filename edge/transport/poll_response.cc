#include "edge/transport/poll_response.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "proto/phoenix/json_string.h"
#include "proto/phoenix/serializer.h"

namespace aerie::edge {
namespace {

using Answer = v1::PollAnswer;

bool IsFounding(Endpoint endpoint) {
  return endpoint == Endpoint::kFoundingPoll;
}

// PROTOCOL: the founding server says all four to everybody, the modern one the
// first.
void AddCors(Endpoint endpoint, Response& response) {
  response.headers.emplace_back("access-control-allow-origin", "*");
  if (!IsFounding(endpoint)) return;
  response.headers.emplace_back("access-control-allow-headers", "");
  response.headers.emplace_back("access-control-allow-methods",
                                "get, post, options");
  response.headers.emplace_back("access-control-max-age", "3600");
}

Response Json(Endpoint endpoint, std::string body) {
  Response response;
  AddCors(endpoint, response);
  response.headers.emplace_back("cache-control", "no-store");
  response.headers.emplace_back("content-type",
                                "application/json; charset=utf-8");
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

// The members that name the session. The token is of characters that JSON takes
// as they are.
std::string TokenMembers(Endpoint endpoint, absl::string_view token) {
  if (!IsFounding(endpoint)) return absl::StrCat("\"token\":\"", token, "\"");
  const size_t sig = token.size() - std::min(token.size(), kPollSigBytes);
  return absl::StrCat("\"token\":\"", token.substr(0, sig), "\",\"sig\":\"",
                      token.substr(sig), "\"");
}

// Modern clients get each message as the text of a frame, founding ones as the
// object that it is. Empty when there is nothing that can be said.
std::string Messages(Endpoint endpoint, const Answer& answer,
                     uint64_t* skipped) {
  const phoenix::Serializer& serializer =
      phoenix::SerializerOf(answer.dialect());
  std::string messages;
  for (const v1::Message& message : answer.messages()) {
    const absl::StatusOr<phoenix::Frame> frame = serializer.Encode(message);
    if (!frame.ok() || frame->opcode == phoenix::Opcode::kBinary) {
      ++*skipped;
      log::Warning(
          "message skipped",
          {{"transport", "long poll"},
           {"reason", frame.ok() ? "binary" : frame.status().message()}});
      continue;
    }
    if (frame->silent()) continue;
    if (!messages.empty()) messages += ',';
    if (IsFounding(endpoint)) {
      messages += *frame->bytes;
    } else {
      phoenix::AppendJsonString(*frame->bytes, &messages);
    }
  }
  return messages;
}

// Answers that name the session: 200 and 204 of a GET, and 410 of a new one.
// The founding server leaves out `messages` when there are none.
Response Session(Endpoint endpoint, uint32_t status, absl::string_view token,
                 absl::string_view messages) {
  std::string body =
      absl::StrCat("{\"status\":", status, ",", TokenMembers(endpoint, token));
  if (!messages.empty() || !IsFounding(endpoint)) {
    absl::StrAppend(&body, ",\"messages\":[", messages, "]");
  }
  body += '}';
  return Json(endpoint, std::move(body));
}

// By result: what a modern and what a founding client is told.
struct Words {
  Answer::Result result;
  uint32_t modern;
  uint32_t founding;
};
constexpr Words kStatuses[] = {
    {Answer::RESULT_REFUSED, 403, 403},
    {Answer::RESULT_HANDLED, 200, 200},
    {Answer::RESULT_HANDLED_FAILED, 200, 401},
    {Answer::RESULT_NOT_HANDLED, 408, 401},
    {Answer::RESULT_GONE, 410, 410},
};

}  // namespace

Response PollStatus(Endpoint endpoint, uint32_t status) {
  return Json(endpoint, absl::StrCat("{\"status\":", status, "}"));
}

Response PollForbidden(Endpoint endpoint) {
  Response response = PollStatus(Endpoint::kLongPoll, 403);
  if (IsFounding(endpoint)) {
    // The modern one: open to all, and first.
    response.headers.erase(response.headers.begin());
  }
  return response;
}

Response PollError(Endpoint endpoint, uint32_t status, uint32_t retry_after_s) {
  Response response = Response::Text(status, "", retry_after_s);
  AddCors(endpoint, response);
  return response;
}

Response PollPreflight(absl::string_view asked) {
  Response response;
  response.headers.emplace_back("access-control-allow-origin", "*");
  response.headers.emplace_back("access-control-allow-headers",
                                std::string(asked));
  response.headers.emplace_back("access-control-allow-methods",
                                "get, post, options");
  response.headers.emplace_back("access-control-max-age", "3600");
  return response;
}

Response PollResponse(Endpoint endpoint, absl::string_view token,
                      const Answer& answer, bool malformed, uint64_t* skipped) {
  switch (answer.result()) {
    case Answer::RESULT_OPENED:
      return Session(endpoint, 410, answer.token(), "");
    case Answer::RESULT_NOTHING:
      return Session(endpoint, 204, token, "");
    case Answer::RESULT_MESSAGES: {
      const std::string messages = Messages(endpoint, answer, skipped);
      return Session(endpoint, messages.empty() ? 204 : 200, token, messages);
    }
    case Answer::RESULT_UNAVAILABLE:
      return PollError(endpoint, 503, answer.retry_after_s());
    case Answer::RESULT_FAILED:
      return PollError(endpoint, 500);
    default:
      break;
  }
  // The founding server fell over what it could not read.
  if (malformed && IsFounding(endpoint) &&
      answer.result() == Answer::RESULT_NOT_HANDLED) {
    return PollError(endpoint, 500);
  }
  for (const Words& words : kStatuses) {
    if (words.result != answer.result()) continue;
    return PollStatus(endpoint,
                      IsFounding(endpoint) ? words.founding : words.modern);
  }
  // Of a later broker: the client comes again.
  log::Error("broker gives an answer that is not known",
             {{"result", static_cast<int>(answer.result())}});
  return PollError(endpoint, 500);
}

}  // namespace aerie::edge
