// Relay and echo, behind real shards.

#include "broker/hosts/echo.h"
#include "broker/hosts/relay.h"
#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BuiltInTest : public ShardsFixture {
 protected:
  void UseRelay(const RouteOptions& route) {
    const auto host = Relay::Make(route);
    ASSERT_TRUE(host.ok()) << host.status();
    Route("relay:*", *host);
    In("1", "1", "relay:a", "phx_join");
    Edge();
  }
  void UseEcho() {
    const auto host = Echo::Make({});
    ASSERT_TRUE(host.ok()) << host.status();
    Route("echo:*", *host);
    In("1", "1", "echo:a", "phx_join");
    Edge();
  }
  static std::string RelayError(const RouteOptions& route) {
    return std::string(Relay::Make(route).status().message());
  }
};

TEST_F(BuiltInTest, RelayBroadcastsThenReplies) {
  UseRelay({});
  In("1", "2", "relay:a", "said", R"({"text": "hi"})");
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(fanout relay:a said {"text": "hi"} groups=1 except=)",
                  "1 relay:a reply 1/2 ok {}"));
}

TEST_F(BuiltInTest, RelayToOthersSkipsTheSender) {
  UseRelay({.pattern = {},
            .host = {},
            .intercepts = {},
            .options = {{"from", {"others"}}}});
  InOf(MakeSocket(2), "1", "1", "relay:a", "phx_join");
  Edge();
  In("1", "2", "relay:a", "said");
  EXPECT_THAT(Edge(), ElementsAre("fanout relay:a said {} groups=1 except=1",
                                  "1 relay:a reply 1/2 ok {}"));
}

TEST_F(BuiltInTest, ReservedNamesAreRefused) {
  UseRelay({});
  In("1", "2", "relay:a", "phx_reply");
  In("1", "3", "relay:a", "presence_diff");
  In("1", "4", "relay:a", "disconnect");
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(1 relay:a reply 1/2 error {"reason":"reserved event"})",
                  R"(1 relay:a reply 1/3 error {"reason":"reserved event"})",
                  R"(1 relay:a reply 1/4 error {"reason":"reserved event"})"));
}

TEST_F(BuiltInTest, OnlyListedEventsAreRelayed) {
  UseRelay({.pattern = {},
            .host = {},
            .intercepts = {},
            .options = {{"events", {"said", "typing"}}}});
  In("1", "2", "relay:a", "typing");
  In("1", "3", "relay:a", "shouted");
  EXPECT_THAT(
      Edge(),
      ElementsAre(
          "fanout relay:a typing {} groups=1 except=",
          "1 relay:a reply 1/2 ok {}",
          R"(1 relay:a reply 1/3 error {"reason":"event not allowed"})"));
}

TEST_F(BuiltInTest, WhatCannotBeBroadcastIsRefused) {
  UseRelay({});
  In("1", "2", "relay:a", "said", "[1]");
  EXPECT_THAT(
      Edge(),
      ElementsAre(
          R"(1 relay:a reply 1/2 error {"reason":"payload must be an object"})"));
}

TEST_F(BuiltInTest, OptionsThatCannotBeAreRefused) {
  const RouteOptions route = {"a:*", "relay", {}, {}};
  RouteOptions bad = route;
  bad.options = {{"form", {"all"}}};
  EXPECT_THAT(RelayError(bad),
              HasSubstr("option `form`: expected from, events"));
  bad.options = {{"from", {"some"}}};
  EXPECT_THAT(RelayError(bad), HasSubstr("expected all or others"));
  bad.options = {{"events", {"phx_join"}}};
  EXPECT_THAT(RelayError(bad), HasSubstr("option `events`"));
  bad.options = {{"events", {}}};
  EXPECT_THAT(RelayError(bad), HasSubstr("at least one"));
  bad.options = {{"from", {"all"}}};
  EXPECT_FALSE(Echo::Make(bad).ok());
}

TEST_F(BuiltInTest, EchoAnswersWithThePayload) {
  UseEcho();
  In("1", "2", "echo:a", "anything", R"([1, 2.50])");
  EXPECT_THAT(Edge(), ElementsAre("1 echo:a reply 1/2 ok [1, 2.50]"));
}

TEST_F(BuiltInTest, EchoAnswersBytesWithBytes) {
  UseEcho();
  std::vector<SocketMessage> batch;
  batch.push_back(Message(socket_, "1", "2", "echo:a", "file"));
  batch.back().message.set_binary("raw");
  shards().In(std::move(batch));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("1 echo:a reply 1/2 ok <raw>"));
}

TEST_F(BuiltInTest, AnEventThatIsNoStringCrashesTheChannel) {
  UseEcho();
  std::vector<SocketMessage> batch;
  batch.push_back(Message(socket_, "1", "2", "echo:a", "[5]"));
  batch.back().message.set_event_is_json(true);
  shards().In(std::move(batch));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(),
              ElementsAre("1 echo:a delist pid=1", "1 echo:a exit 1/- crash"));
}

TEST_F(BuiltInTest, LeavingIsAnsweredAtOnce) {
  UseEcho();
  In("1", "2", "echo:a", "phx_leave");
  EXPECT_THAT(Edge(),
              ElementsAre("1 echo:a delist pid=1", "1 echo:a leave_reply 1/2",
                          "1 echo:a exit 1/- graceful announced"));
  Advance(60'000);
  EXPECT_THAT(Edge(), testing::IsEmpty());
}

}  // namespace
}  // namespace aerie::broker
