// Requests of long polls, read and answered: a letter for what is asked, a line
// of query, then the body.
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/log.h"
#include "edge/limits.h"
#include "edge/transport/mount.h"
#include "edge/transport/poll_request.h"
#include "edge/transport/poll_response.h"
#include "edge/transport/proxies.h"
#include "edge/transport/request.h"
#include "edge/transport/response.h"
#include "nlohmann/json.hpp"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "test/fuzz/check.h"

namespace aerie::fuzz {
namespace {

using nlohmann::json;

// Phoenix reads that many messages of a body.
constexpr int kMessagesMax = 100;

struct Kind {
  char letter;
  const char* method;
  const char* path;
  const char* type;
};

constexpr Kind kKinds[] = {
    {'b', "POST", "/socket/longpoll", "application/x-ndjson"},
    {'j', "POST", "/socket/longpoll", "application/json"},
    {'f', "POST", "/socket/poll", "application/json"},
    {'g', "GET", "/socket/longpoll", ""},
    {'h', "GET", "/socket/poll", ""},
};

const edge::Mount& Mount() {
  static const edge::Mount mount = [] {
    edge::MountOptions options;
    options.path = "/socket";
    options.check_origin.mode = edge::CheckOrigin::Mode::kOff;
    return *edge::Mount::Create(options);
  }();
  return mount;
}

json Parsed(const edge::Response& response) {
  return json::parse(response.body == nullptr ? "" : *response.body, nullptr,
                     /*allow_exceptions=*/false);
}

// Whatever clients may say can be said to others.
void CheckAnswer(edge::Endpoint endpoint, const v1::PollSend& send) {
  v1::PollAnswer answer;
  answer.set_result(v1::PollAnswer::RESULT_MESSAGES);
  answer.set_dialect(send.dialect());
  for (const v1::Message& message : send.messages()) {
    Check(message.kind() == v1::Message::KIND_CLIENT, "clients say it");
    *answer.add_messages() = message;
    answer.mutable_messages()->rbegin()->set_kind(v1::Message::KIND_PUSH);
  }
  uint64_t skipped = 0;
  const json body = Parsed(edge::PollResponse(endpoint, send.token(), answer,
                                              send.malformed(), &skipped));
  Check(body.is_object(), "a response is JSON");
  if (!body.contains("messages")) return;
  const json& messages = body["messages"];
  Check(messages.size() + skipped <= static_cast<size_t>(send.messages_size()),
        "each message is answered once");
  for (const json& message : messages) {
    if (!message.is_string()) continue;
    const json frame = json::parse(message.get<std::string>(), nullptr, false);
    Check(!frame.is_discarded(), "a message is JSON");
  }
}

void CheckQuestion(edge::Endpoint endpoint,
                   const edge::PollQuestion& question) {
  for (const char c : question.token) {
    Check(c > ' ' && c != '"' && c != '\\' && c < '\x7f',
          "a token is repeated as it is");
  }
  if (const auto* send = std::get_if<v1::PollSend>(&question.ask)) {
    Check(send->messages_size() <= kMessagesMax, "messages are bounded");
    v1::PollSend copy;
    Check(copy.ParseFromString(send->SerializeAsString()),
          "what the broker is told can be read");
    CheckAnswer(endpoint, *send);
    return;
  }
  v1::Poll copy;
  Check(copy.ParseFromString(
            std::get<v1::Poll>(question.ask).SerializeAsString()),
        "what the broker is asked can be read");
}

void Run(const Kind& kind, absl::string_view query, absl::string_view body) {
  edge::Request request;
  request.method = kind.method;
  request.target = absl::StrCat(kind.path, "?", query);
  request.headers = {{"Host", "localhost"}, {"Content-Type", kind.type}};
  request.body = std::string(body);
  static const std::vector<edge::Mount> mounts = {Mount()};
  const auto route = edge::FindRoute(mounts, request.path());
  Check(route.has_value(), "there is such an endpoint");
  static const edge::TrustedProxies proxies = *edge::TrustedProxies::Create({});
  const edge::PollReading reading = edge::ReadPoll(
      request, *route, proxies.Of(request, {"127.0.0.1", 1, false}),
      edge::Limits());
  if (const auto* refusal = std::get_if<edge::PollRefusal>(&reading)) {
    Check(refusal->response.status >= 400, "refusals are errors");
  } else {
    CheckQuestion(route->endpoint, std::get<edge::PollQuestion>(reading));
  }
}

}  // namespace
}  // namespace aerie::fuzz

// What cannot be said to a client is logged, which is no finding.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  aerie::log::Configure(aerie::log::Level::kError, aerie::log::Format::kText);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == absl::string_view::npos || line == 0) return 0;
  for (const aerie::fuzz::Kind& kind : aerie::fuzz::kKinds) {
    if (kind.letter != input.front()) continue;
    aerie::fuzz::Run(kind, input.substr(1, line - 1), input.substr(line + 1));
  }
  return 0;
}
