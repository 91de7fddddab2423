// Long polls through an edge and a broker, request by request: the golden
// answers, what a lost response leads to, and what bad clients get.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "test/e2e/golden.h"
#include "test/support/raw_socket.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t kWindowMs = 300;

// `/socket` and `/closed`, which lets nobody in, are modern; `/ws` is founding,
// for pages of example.com.
edge::Options EdgeOptions() {
  edge::MountOptions modern;
  modern.check_origin.mode = edge::CheckOrigin::Mode::kConn;
  edge::MountOptions closed = modern;
  closed.path = "/closed";
  edge::MountOptions founding;
  founding.path = "/ws";
  founding.modern = false;
  founding.check_origin.mode = edge::CheckOrigin::Mode::kList;
  founding.check_origin.list = {"//example.com"};
  edge::Options options;
  options.listener.mounts = {modern, closed, founding};
  return options;
}

broker::Options BrokerOptions() {
  broker::Options options = World::BrokerOptions();
  options.limits.poll_window_ms = kWindowMs;
  broker::MountRuleOptions closed;
  closed.path = "/closed";
  closed.rule = broker::RuleOptions::Rule::kTokens;
  closed.tokens = {
      {.token = "secret", .token_file = "", .socket_id = "", .assigns = {}}};
  options.connect.mounts = {closed};
  return options;
}

// One connection of a client that polls.
class Poller {
 public:
  explicit Poller(uint16_t port, std::string path = "/socket/longpoll")
      : socket_(port), path_(std::move(path)) {}

  void Ask(const std::string& method, const std::string& target,
           const std::string& body = "", const std::string& headers = "") {
    ASSERT_TRUE(socket_.Send(absl::StrCat(
        method, " ", target, " HTTP/1.1\r\nHost: localhost\r\n", headers,
        "Content-Length: ", body.size(), "\r\n\r\n", body)));
  }
  HttpAnswer Answer() {
    HttpAnswer answer;
    while (!TakeHttpAnswer(&received_, &answer)) {
      if (!socket_.Receive(&received_)) break;
    }
    return answer;
  }
  json AnswerJson() {
    const HttpAnswer answer = Answer();
    EXPECT_EQ(answer.status, 200) << answer.headers;
    return json::parse(answer.body, nullptr, false);
  }

  void AskPoll() { Ask("GET", Target()); }
  json Poll() {
    AskPoll();
    return AnswerJson();
  }
  json Post(const std::string& lines) {
    Ask("POST", Target(), lines, "Content-Type: application/x-ndjson\r\n");
    return AnswerJson();
  }
  // Opens a session.
  std::string Open() {
    Ask("GET", path_ + "?vsn=2.0.0");
    token_ = AnswerJson()["token"];
    return token_;
  }
  void Use(const std::string& token) { token_ = token; }
  void Reset() { socket_.Reset(); }

 private:
  std::string Target() const {
    return absl::StrCat(path_, "?vsn=2.0.0&token=", token_);
  }

  RawSocket socket_;
  const std::string path_;
  std::string token_;
  std::string received_;
};

std::string Line(const std::string& ref, const std::string& topic,
                 const std::string& event, const json& payload = json::object(),
                 const std::string& join_ref = "1") {
  return json({join_ref, ref, topic, event, payload}).dump();
}

// The events that a poll has brought.
std::vector<std::string> Events(const json& answer) {
  std::vector<std::string> events;
  for (const json& text : answer["messages"]) {
    const json message = json::parse(text.get<std::string>());
    events.push_back(
        absl::StrCat(message[3].get<std::string>(), " ", message[4].dump()));
  }
  return events;
}

class LongPollTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World(EdgeOptions(), BrokerOptions());
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  // A session that has joined `topic` and has heard so.
  static std::string OpenIn(const std::string& topic) {
    Poller poller(world_->port());
    std::string token = poller.Open();
    EXPECT_EQ(poller.Post(Line("1", topic, "phx_join"))["status"], 200);
    EXPECT_EQ(poller.Poll()["messages"].size(), 1);
    return token;
  }

  static World* world_;
};

World* LongPollTest::world_ = nullptr;

class LongPollVectorsTest : public LongPollTest,
                            public ::testing::WithParamInterface<json> {
 protected:
  // A founding session in rooms:lobby; nothing waits for it when `heard`.
  static std::pair<std::string, std::string> FoundingSession(
      const std::string& name) {
    Poller poller(world_->port());
    poller.Ask("GET", "/ws/poll?token=null&sig=null");
    const json opened = poller.AnswerJson();
    const std::string token = opened["token"];
    const std::string sig = opened["sig"];
    if (name == "lp0-get-messages") {
      poller.Ask("POST", absl::StrCat("/ws/poll?token=", token, "&sig=", sig),
                 R"({"topic":"rooms:lobby","event":"phx_join","payload":{},)"
                 R"("ref":"1"})");
      EXPECT_EQ(poller.AnswerJson()["status"], 200);
    }
    return {token, sig};
  }
};

TEST_P(LongPollVectorsTest, IsAnsweredAsPhoenixDoes) {
  const json& entry = GetParam();
  const json& request = entry["request"];
  std::string target = request["path"];
  std::string token;
  std::string sig;
  if (absl::StrContains(target, "<token>")) {
    std::tie(token, sig) = FoundingSession(entry["name"]);
    target = absl::StrReplaceAll(target, {{"<token>", token}, {"<sig>", sig}});
  }
  // There, connect looks at the param; here, mounts have rules.
  if (absl::StrContains(target, "reject=error")) {
    target = absl::StrReplaceAll(target, {{"/socket/", "/closed/"}});
  }
  // A temporary would not outlive the start of the loop.
  const json sent = request.value("headers", json::object());
  std::string headers;
  for (const auto& [name, value] : sent.items()) {
    absl::StrAppend(&headers, name, ": ", value.get<std::string>(), "\r\n");
  }
  Poller poller(world_->port());
  poller.Ask(request["method"], target, request.value("body", ""), headers);
  const HttpAnswer answer = poller.Answer();
  EXPECT_EQ(answer.status, entry["http_status"].get<int>());
  const json expected = entry.value("headers", json::object());
  for (const auto& [name, value] : expected.items()) {
    EXPECT_EQ(answer.Header(name), value.get<std::string>()) << name;
  }
  if (entry["body"].is_null()) {
    EXPECT_EQ(answer.body, "");
    return;
  }
  json body = json::parse(answer.body);
  for (const char* opaque : {"token", "sig"}) {
    if (!body.contains(opaque)) continue;
    const std::string& before = opaque == std::string("token") ? token : sig;
    EXPECT_NE(body[opaque], "");
    body[opaque] = body[opaque] == before ? "<same>" : "<opaque>";
  }
  EXPECT_EQ(body, entry["body"]);
}

INSTANTIATE_TEST_SUITE_P(Golden, LongPollVectorsTest,
                         ::testing::ValuesIn(Golden("longpoll")),
                         [](const auto& info) {
                           return TestName(info.param, info.index);
                         });

TEST_F(LongPollTest, AnEmptyWindowEndsWithNothing) {
  const std::string token = OpenIn("room:empty");
  Poller poller(world_->port());
  poller.Use(token);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(
      poller.Poll(),
      json({{"status", 204}, {"token", token}, {"messages", json::array()}}));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, std::chrono::milliseconds(kWindowMs));
}

TEST_F(LongPollTest, ABatchIsHandledLineByLine) {
  Poller poller(world_->port());
  poller.Open();
  EXPECT_EQ(
      poller.Post(absl::StrCat(Line("1", "room:batch", "phx_join"), "\n",
                               Line("2", "room:batch", "echo", {{"n", 2}}),
                               "\n", Line("3", "phoenix", "heartbeat"), "\n",
                               Line("4", "room:batch", "echo", {{"n", 4}}))),
      json({{"status", 200}}));
  EXPECT_THAT(Events(poller.Poll()),
              ElementsAre(R"(phx_reply {"response":{},"status":"ok"})",
                          R"(phx_reply {"response":{"n":2},"status":"ok"})",
                          R"(phx_reply {"response":{},"status":"ok"})",
                          R"(phx_reply {"response":{"n":4},"status":"ok"})"));
}

TEST_F(LongPollTest, AResponseThatNobodyTookIsGivenAgain) {
  const std::string token = OpenIn("room:lost");
  {
    Poller lost(world_->port());
    lost.Use(token);
    lost.AskPoll();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    lost.Reset();
  }
  Poller poller(world_->port());
  poller.Use(token);
  EXPECT_EQ(poller.Post(Line("2", "room:lost", "push_reply", {{"n", 1}})),
            json({{"status", 200}}));
  EXPECT_THAT(Events(poller.Poll()),
              ElementsAre(R"(pushed {"n":1})", HasSubstr("\"ok\"")));
}

TEST_F(LongPollTest, ASessionOutlivesItsEdge) {
  World world(EdgeOptions(), BrokerOptions());
  std::string token;
  {
    Poller poller(world.port());
    token = poller.Open();
    EXPECT_EQ(poller.Post(absl::StrCat(
                  Line("1", "room:edge", "phx_join"), "\n",
                  Line("2", "room:edge", "push", {{"n", 1}})))["status"],
              200);
    // Asked and never read: the edge goes with the answer.
    poller.AskPoll();
  }
  world.StopEdge();
  world.StartEdge();
  world.AwaitLink();
  Poller poller(world.port());
  poller.Use(token);
  const json answer = poller.Poll();
  EXPECT_EQ(answer["status"], answer["messages"].empty() ? 204 : 200);
  EXPECT_EQ(poller.Post(Line("3", "room:edge", "echo", {{"n", 3}}))["status"],
            200);
}

TEST_F(LongPollTest, WhatCannotBeReadEndsTheSession) {
  for (const std::string& lines :
       {std::string("[1"), Line("2", "room:bad", "echo") + "\n[]",
        std::string("AAA="), std::string("[\"\xff\"]")}) {
    const std::string token = OpenIn("room:bad");
    Poller poller(world_->port());
    poller.Use(token);
    EXPECT_EQ(poller.Post(lines)["status"], 408) << lines;
    EXPECT_EQ(poller.Post(Line("3", "room:bad", "echo"))["status"], 410);
    const json again = poller.Poll();
    EXPECT_EQ(again["status"], 410);
    EXPECT_NE(again["token"], token);
  }
}

TEST_F(LongPollTest, AJoinThatTakesTooLongIs408AndTheSessionLives) {
  Poller poller(world_->port());
  const std::string token = poller.Open();
  EXPECT_EQ(poller.Post(Line("1", "room:silent", "phx_join"))["status"], 408);
  EXPECT_EQ(
      poller.Post(absl::StrCat(Line("2", "room:x", "phx_join", {}, "2"), "\n",
                               Line("3", "room:x", "echo", {}, "2")))["status"],
      200);
  EXPECT_EQ(poller.Poll()["token"], token);
}

TEST_F(LongPollTest, ADisconnectEndsTheSession) {
  Poller poller(world_->port(), "/socket/longpoll?id=users:poll");
  poller.Ask("GET", "/socket/longpoll?vsn=2.0.0&id=users:poll");
  poller.Use(poller.AnswerJson()["token"]);
  Poller target(world_->port());
  target.Ask("GET", "/socket/longpoll?vsn=2.0.0&id=users:poll");
  const std::string token = target.AnswerJson()["token"];
  target.Use(token);
  target.AskPoll();
  world_->broker().shards().Disconnect("users:poll");
  // The disconnect may come before the poll.
  json answer = target.AnswerJson();
  if (answer["status"] == 204) answer = target.Poll();
  EXPECT_EQ(answer["status"], 410);
  EXPECT_NE(answer["token"], token);
}

TEST_F(LongPollTest, WithoutABrokerPollsAreUnavailable) {
  broker::Options options = BrokerOptions();
  options.limits.poll_window_ms = 60'000;
  World world(EdgeOptions(), options);
  Poller poller(world.port());
  poller.Open();
  poller.AskPoll();
  world.StopBroker();
  const HttpAnswer answer = poller.Answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.Header("retry-after"), "");
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "*");
}

}  // namespace
}  // namespace aerie::testing
