// Channels that run in hosts attached over gRPC, as clients of a real edge meet
// them.

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/support/conversation.h"
#include "test/support/remote_host.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using ::testing::HasSubstr;

const Json kNone = Json::object();

broker::Options Options() {
  broker::Options options = World::BrokerOptions();
  options.routes = {{"room:*", "attached", {}, {}}};
  return options;
}

Json Reply(const Json& join_ref, const Json& ref, const std::string& topic,
           const std::string& status, const Json& response = kNone) {
  return {join_ref,
          ref,
          topic,
          "phx_reply",
          {{"status", status}, {"response", response}}};
}

Json Error(const Json& join_ref, const std::string& topic) {
  return {
      join_ref, join_ref, topic, "phx_error", {{"reason", "channel_crash"}}};
}

class AttachedHostTest : public ::testing::Test {
 protected:
  std::unique_ptr<RemoteHost> Host(const std::string& instance,
                                   uint32_t capacity = 0) {
    RemoteHostOptions options;
    options.broker = Address();
    options.instance = instance;
    options.capacity = capacity;
    return std::make_unique<RemoteHost>(std::move(options));
  }
  std::string Address() {
    return absl::StrCat("127.0.0.1:", world_.broker().port());
  }

  World world_{{}, Options()};
};

TEST_F(AttachedHostTest, AChannelTalksWithItsHost) {
  const auto host = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a");
  client.Echo("room:a");
  client.Say({"1", "2", "room:a", "push_reply", {{"n", 1}}});
  client.Expect({"1", nullptr, "room:a", "pushed", {{"n", 1}}});
  client.Expect(Reply("1", "2", "room:a", "ok"));
  client.Say({"1", "3", "room:a", "late", {{"n", 2}}});
  client.Say({"1", "4", "room:a", "echo", {{"n", 3}}});
  client.Expect(Reply("1", "4", "room:a", "ok", {{"n", 3}}));
  client.Expect(Reply("1", "3", "room:a", "ok", {{"n", 2}}));
  client.Say({"1", "5", "room:a", "phx_leave", kNone});
  client.Expect(Reply("1", "5", "room:a", "ok"));
  client.Expect({"1", "1", "room:a", "phx_close", kNone});
  EXPECT_EQ(host->Await("terminate left"), "terminate left room:a {}");
}

TEST_F(AttachedHostTest, JoinsAreDeniedCrashOrWait) {
  const auto host = Host("h1");
  Conversation client(world_.port());
  client.Say({"1", "1", "room:deny", "phx_join", kNone});
  client.Expect(Reply("1", "1", "room:deny", "error", {{"reason", "denied"}}));
  client.Say({"2", "2", "room:crash", "phx_join", kNone});
  client.Expect(
      Reply("2", "2", "room:crash", "error", {{"reason", "join crashed"}}));
  client.Say({"3", "3", "room:slow", "phx_join", kNone});
  client.Say({"3", "4", "room:slow", "echo", kNone});
  client.Expect(Reply("3", "3", "room:slow", "ok"));
  client.Expect(Reply("3", "4", "room:slow", "ok"));
}

TEST_F(AttachedHostTest, BroadcastsAndInterceptsReachTheTopic) {
  const auto host = Host("h1");
  Conversation one(world_.port());
  Conversation two(world_.port());
  one.Join("room:a");
  two.Join("room:a");
  one.Say({"1", "2", "room:a", "bcast_from", {{"n", 1}}});
  two.Expect({nullptr, nullptr, "room:a", "bc", {{"n", 1}}});
  one.Expect(Reply("1", "2", "room:a", "ok"));
  one.Say({"1", "3", "room:a", "rewrite", {{"n", 2}}});
  two.Expect({"1", nullptr, "room:a", "rewritten", {{"n", 2}}});
}

TEST_F(AttachedHostTest, StopsEndAsTheHostSays) {
  const auto host = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a", "1");
  client.Say({"1", "2", "room:a", "stop_reply", {{"n", 1}}});
  client.Expect(Reply("1", "2", "room:a", "ok", {{"n", 1}}));
  client.Expect({"1", "1", "room:a", "phx_close", kNone});
  EXPECT_EQ(host->Await("terminate stop_normal"),
            "terminate stop_normal room:a {}");
  client.Join("room:a", "3");
  client.Say({"3", "4", "room:a", "stop_shutdown", kNone});
  client.Expect({"3", "3", "room:a", "phx_close", kNone});
  client.Join("room:a", "5");
  client.Say({"5", "6", "room:a", "boom", kNone});
  client.Expect(Error("5", "room:a"));
  client.Join("room:a", "7");
  client.Echo("room:a", "7");
}

TEST_F(AttachedHostTest, AHostKilledMidCallIsReplacedByAnother) {
  auto first = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a", "1");
  const auto second = Host("h2");
  first->Hang();
  client.Say({"1", "2", "room:a", "echo", kNone});
  EXPECT_THAT(first->Await("in echo"), HasSubstr("in echo"));
  first->Kill();
  client.Expect(Error("1", "room:a"));
  EXPECT_EQ(second->Await("terminate"),
            "terminate host_lost room:a {} redelivered");
  client.Join("room:a", "3");
  client.Echo("room:a", "3");
  EXPECT_EQ(second->Count("join room:a"), 1u);
}

TEST_F(AttachedHostTest, WithoutAHostJoinsAreUnavailable) {
  Conversation client(world_.port());
  client.Say({"1", "1", "room:a", "phx_join", kNone});
  client.Expect(
      Reply("1", "1", "room:a", "error", {{"reason", "unavailable"}}));
  auto host = Host("h1");
  client.Join("room:a", "2");
  host->Kill();
  client.Expect(Error("2", "room:a"));
  client.Say({"3", "3", "room:a", "phx_join", kNone});
  client.Expect(
      Reply("3", "3", "room:a", "error", {{"reason", "unavailable"}}));
  // What the first one left undone, the next one is told.
  const auto next = Host("h2");
  EXPECT_EQ(next->Await("terminate"),
            "terminate host_lost room:a {} redelivered");
}

TEST_F(AttachedHostTest, AClientThatGoesIsTerminated) {
  const auto host = Host("h1");
  {
    Conversation client(world_.port());
    client.Join("room:a");
  }
  EXPECT_EQ(host->Await("terminate"), "terminate closed room:a {}");
}

TEST_F(AttachedHostTest, TwoHostsShareTheTopics) {
  const auto h1 = Host("h1");
  const auto h2 = Host("h2");
  Conversation client(world_.port());
  Conversation other(world_.port());
  for (int i = 0; i < 30; ++i) {
    const std::string topic = absl::StrCat("room:", i);
    client.Join(topic, "1");
    other.Join(topic, "1");
    const size_t at_first = h1->Count(absl::StrCat("join ", topic, " "));
    EXPECT_TRUE(at_first == 0 || at_first == 2) << "they meet in one host";
  }
  EXPECT_GT(h1->Count("join"), 10u);
  EXPECT_GT(h2->Count("join"), 10u);
}

TEST_F(AttachedHostTest, ADrainingHostsClientsMoveToAnother) {
  const auto h1 = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a", "1");
  const auto h2 = Host("h2");
  h1->Drain(100);
  client.Expect(Error("1", "room:a"));
  EXPECT_EQ(h1->Await("terminate"), "terminate draining room:a {}");
  EXPECT_EQ(h1->Await("drained"), "drained");
  client.Join("room:a", "2");
  EXPECT_EQ(h2->Count("join"), 1u);
  h1->Close();
  client.Echo("room:a", "2");
}

TEST_F(AttachedHostTest, ASlowHostDoesNotKeepAnotherFromAnswering) {
  RemoteHostOptions options;
  options.broker = Address();
  options.instance = "slow";
  options.patterns = {"room:slow*"};
  options.capacity = 1;
  RemoteHost slow(options);
  const auto host = Host("h1");
  Conversation client(world_.port());
  client.Join("room:slowpoke", "1");
  client.Join("room:a", "2");
  slow.Hang();
  for (int i = 0; i < 3; ++i) {
    client.Say({"1", nullptr, "room:slowpoke", "echo", kNone});
  }
  slow.Await("in ");
  client.Echo("room:a", "2");
  EXPECT_EQ(slow.Count("in "), 1u) << "it has one credit";
}

TEST_F(AttachedHostTest, ADrainingBrokerTerminatesEveryChannel) {
  const auto host = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a", "1");
  world_.DrainBroker();
  EXPECT_EQ(host->Await("draining"), "draining");
  // Either the drain has ended it, or its edge, which has left before.
  EXPECT_THAT(host->Await("terminate"), HasSubstr(" room:a {}"));
  client.Expect(Error("1", "room:a"));
}

TEST_F(AttachedHostTest, HostsComeBackToABrokerThatHasRestarted) {
  auto host = Host("h1");
  Conversation client(world_.port());
  client.Join("room:a", "1");
  world_.StopBroker();
  client.Expect(Error("1", "room:a"));
  EXPECT_FALSE(host->Status().ok());
  world_.StartBroker();
  world_.AwaitLink();
  host = Host("h1");
  client.Join("room:a", "2");
  client.Echo("room:a", "2");
}

TEST_F(AttachedHostTest, AHostDecidesWhoMayConnect) {
  RemoteHostOptions options;
  options.broker = Address();
  options.connect = true;
  RemoteHost host(options);
  const std::string target = "/socket/websocket?vsn=2.0.0";
  RawWebSocket refused(world_.port(),
                       Upgrade::To(absl::StrCat(target, "&refuse=429")));
  EXPECT_EQ(refused.answer().status, 429);
  Conversation client(world_.port(), absl::StrCat(target, "&id=users:7"));
  client.Join("room:a");
  client.Say({"1", "2", "room:a", "whoami", kNone});
  EXPECT_EQ(client.Hear()[4]["response"]["id"], "users:7");
  host.Kill();
  client.Expect(Error("1", "room:a"));
  // The configured rule lets everybody in.
  Conversation next(world_.port(), absl::StrCat(target, "&refuse=429"));
}

TEST(ExhaustedHostTest, JoinsBeyondTheCapacityWaitAndAreThenUnavailable) {
  broker::Options limited = Options();
  limited.limits.host_join_wait_ms = 50;
  World world({}, limited);
  RemoteHostOptions options;
  options.broker = absl::StrCat("127.0.0.1:", world.broker().port());
  options.capacity = 1;
  RemoteHost host(options);
  Conversation client(world.port());
  client.Say({"1", "1", "room:silent", "phx_join", kNone});
  EXPECT_THAT(host.Await("join"), HasSubstr("room:silent"));
  client.Say({"2", "2", "room:a", "phx_join", kNone});
  client.Expect(
      Reply("2", "2", "room:a", "error", {{"reason", "unavailable"}}));
}

}  // namespace
}  // namespace aerie::testing
