#include "test/support/test_host.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace aerie::testing {
namespace {

using broker::Action;
using broker::Actions;
using broker::Broadcast;
using broker::ExitReason;
using broker::Joined;
using broker::Payload;
using broker::Pid;
using broker::Push;
using broker::Reply;
using broker::Stop;
using std::chrono::milliseconds;

constexpr milliseconds kLate{50};
constexpr milliseconds kSlowJoin{300};
constexpr milliseconds kSlowEvent{1};

Payload PayloadOf(const v1::Message& message) {
  if (message.payload_case() == v1::Message::kBinary) {
    return {message.binary(), true};
  }
  return {message.json(), false};
}

nlohmann::json JsonOf(const v1::Message& message) {
  return nlohmann::json::parse(message.json(), nullptr,
                               /*allow_exceptions=*/false);
}

Reply Answer(const v1::Message& message, std::string status, Payload payload) {
  return {message.ref(), std::move(status), std::move(payload)};
}

Reply Ok(const v1::Message& message) { return Answer(message, "ok", {}); }

// What an event makes of its channel, in order, where it is the same each time.
using What = std::vector<decltype(Action::what)>;
using Deed = What (*)(const v1::Message&);

What BroadcastIt(const v1::Message& message) {
  return {Broadcast{message.event(), PayloadOf(message), false}, Ok(message)};
}

const absl::flat_hash_map<absl::string_view, Deed>& Deeds() {
  using M = const v1::Message&;
  static const auto* const deeds = new absl::flat_hash_map<absl::string_view,
                                                           Deed>{
      {"echo", [](M m) -> What { return {Answer(m, "ok", PayloadOf(m))}; }},
      {"fail", [](M m) -> What { return {Answer(m, "error", PayloadOf(m))}; }},
      {"odd", [](M m) -> What { return {Answer(m, "odd", PayloadOf(m))}; }},
      {"push",
       [](M m) -> What {
         return {Push{"pushed", PayloadOf(m)}};
       }},
      {"push_reply",
       [](M m) -> What {
         return {Push{"pushed", PayloadOf(m)}, Ok(m)};
       }},
      {"bcast",
       [](M m) -> What {
         return {Broadcast{"bc", PayloadOf(m), false}, Ok(m)};
       }},
      {"bcast_from",
       [](M m) -> What {
         return {Broadcast{"bc", PayloadOf(m), true}, Ok(m)};
       }},
      {"rewrite", BroadcastIt},
      {"swallow", BroadcastIt},
      {"stop_out", BroadcastIt},
      {"quiet", [](M) -> What { return {}; }},
      {"stop_normal",
       [](M) -> What { return {Stop{ExitReason::kStopNormal}}; }},
      {"stop_shutdown",
       [](M) -> What { return {Stop{ExitReason::kStopShutdown}}; }},
      {"stop_bad", [](M) -> What { return {Stop{ExitReason::kCrash}}; }},
      {"stop_reply",
       [](M m) -> What {
         return {Answer(m, "ok", PayloadOf(m)), Stop{ExitReason::kStopNormal}};
       }},
      {"stop_bad_reply",
       [](M m) -> What {
         return {Answer(m, "error", PayloadOf(m)), Stop{ExitReason::kCrash}};
       }},
      {"exitnormal", [](M) -> What { return {Stop{ExitReason::kExitNormal}}; }},
  };
  return *deeds;
}

// No Terminate follows such an end.
bool EndsItself(const decltype(Action::what)& what) {
  const Stop* stop = std::get_if<Stop>(&what);
  return stop != nullptr && (stop->reason == ExitReason::kCrash ||
                             stop->reason == ExitReason::kExitNormal);
}

// The part of a topic that says how to join.
absl::string_view Manner(absl::string_view topic) {
  return topic.substr(topic.find(':') + 1);
}

// The JSON text of a client's `reply`, for the reply to its join.
Payload WantedReply(const v1::Message& join) {
  if (join.payload_case() == v1::Message::kBinary) return PayloadOf(join);
  const nlohmann::json payload = JsonOf(join);
  if (!payload.is_object() || !payload.contains("reply")) return {};
  return {payload["reply"].dump(), false};
}

}  // namespace

void TestHost::Start(uint32_t /*shards*/, broker::ActionSink& sink) {
  sink_ = &sink;
}

void TestHost::Join(Pid pid, const broker::SocketPtr& socket,
                    const v1::Message& join, Actions& out) {
  const absl::string_view manner = Manner(join.topic());
  if (absl::StartsWith(manner, "deny")) {
    out.push_back({pid, Joined{false, {R"({"reason":"denied"})", false}, {}}});
    return;
  }
  if (manner == "crash") {
    out.push_back({pid, broker::JoinCrashed{}});
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    channels_[pid] = {join.topic(), socket};
    if (absl::StartsWith(manner, "watch")) watchers_.insert(pid);
  }
  if (absl::StartsWith(manner, "silent")) return;
  Action joined{
      pid, Joined{true, WantedReply(join), {"rewrite", "swallow", "stop_out"}}};
  if (absl::StartsWith(manner, "slow")) {
    later_.In(kSlowJoin, [this, joined] { Post(joined); });
    return;
  }
  out.push_back(std::move(joined));
  if (manner == "after") {
    out.push_back({pid, Push{"after", {R"({"n":1})", false}}});
  }
}

void TestHost::In(Pid pid, const v1::Message& message, Actions& out) {
  const auto deed = Deeds().find(message.event());
  if (!message.event_is_json() && deed != Deeds().end()) {
    for (auto& what : deed->second(message)) {
      if (EndsItself(what)) Forget(pid);
      out.push_back({pid, std::move(what)});
    }
    return;
  }
  if (message.event() == "late") {
    Action answer{pid, Answer(message, "ok", PayloadOf(message))};
    later_.In(kLate, [this, answer] { Post(answer); });
  } else if (message.event() == "slow") {
    std::this_thread::sleep_for(kSlowEvent);
    out.push_back({pid, Ok(message)});
  } else if (message.event() == "whoami") {
    out.push_back(WhoAmI(pid, message));
  } else if (message.event() == "disconnect") {
    out.push_back({pid, broker::Disconnect{JsonOf(message).value("id", "")}});
  } else {
    Forget(pid);
    out.push_back({pid, Stop{ExitReason::kCrash}});
  }
}

void TestHost::Out(Pid pid, const v1::Message& broadcast, Actions& out) {
  if (broadcast.event() == "rewrite") {
    out.push_back({pid, Push{"rewritten", PayloadOf(broadcast)}});
  } else if (broadcast.event() == "stop_out") {
    out.push_back({pid, Stop{ExitReason::kStopNormal}});
  }
}

void TestHost::Terminate(Pid pid, ExitReason reason, Actions& out) {
  const std::string topic = Forget(pid);
  if (reason == ExitReason::kLeft) out.push_back({pid, broker::Left{}});
  if (absl::StartsWith(Manner(topic), "farewell")) {
    out.push_back({pid, Push{"farewell", {}}});
  }
  out.push_back({pid, broker::TerminateAck{}});
  TellWatchers(topic, reason);
}

// A full inbox drops it, as it drops what any host says too late.
void TestHost::Post(Action action) {
  static_cast<void>(sink_->Post({std::move(action)}));
}

std::string TestHost::Forget(Pid pid) {
  std::lock_guard<std::mutex> lock(mutex_);
  watchers_.erase(pid);
  const auto channel = channels_.find(pid);
  if (channel == channels_.end()) return "";
  std::string topic = std::move(channel->second.topic);
  channels_.erase(channel);
  return topic;
}

Action TestHost::WhoAmI(Pid pid, const v1::Message& message) {
  nlohmann::json answer;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const broker::Socket& socket = *channels_[pid].socket;
    answer["id"] = socket.id();
    answer["assigns"] = nlohmann::json::parse(
        socket.assigns().empty() ? "{}" : socket.assigns());
  }
  return {pid, Answer(message, "ok", {answer.dump(), false})};
}

// As pushes: the watchers may be on other shards.
void TestHost::TellWatchers(const std::string& topic, ExitReason reason) {
  const nlohmann::json told = {
      {"topic", topic},
      {"reason", std::string(broker::ExitReasonName(reason).data(),
                             broker::ExitReasonName(reason).size())}};
  std::vector<Pid> watchers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    watchers.assign(watchers_.begin(), watchers_.end());
  }
  for (const Pid& watcher : watchers) {
    Post({watcher, Push{"terminated", {told.dump(), false}}});
  }
}

}  // namespace aerie::testing
