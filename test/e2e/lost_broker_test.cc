// What clients see while their edge has no broker, and when it has one again.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

constexpr char kV2[] = "/socket/websocket?vsn=2.0.0";

Json Reply(const Json& join_ref, const Json& ref, const std::string& topic,
           const std::string& status, const Json& response = Json::object()) {
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

TEST(LostBrokerTest, EveryJoinedTopicEndsAndTheEdgeAnswersAlone) {
  World world;
  Conversation client(world.port());
  client.Join("room:a", "1");
  world.StopBroker();
  client.Expect(Error("1", "room:a"));

  const Json none = Json::object();
  client.Say({nullptr, "2", "phoenix", "heartbeat", none});
  client.Expect(Reply(nullptr, "2", "phoenix", "ok"));
  client.Say({"3", "3", "room:a", "phx_join", none});
  client.Expect(
      Reply("3", "3", "room:a", "error", {{"reason", "unavailable"}}));
  client.Say({"3", "4", "room:a", "echo", none});
  client.Expect(
      Reply(nullptr, "4", "room:a", "error", {{"reason", "unmatched topic"}}));
  client.Say({"3", "5", "room:a", "phx_leave", none});
  client.Expect(Reply("3", "5", "room:a", "ok"));
}

TEST(LostBrokerTest, FoundingClientsHearNothingButErrors) {
  World world;
  RawWebSocket client(world.port(), Upgrade::To("/socket"));
  const auto say = [&](const std::string& event, const std::string& ref) {
    client.SendText(Json{
        {"topic", "rooms:lobby"},
        {"event", event},
        {"payload", Json::object()},
        {"ref", ref}}.dump());
  };
  const Json error = {{"topic", "rooms:lobby"},
                      {"event", "phx_error"},
                      {"payload", Json::object()},
                      {"ref", nullptr}};
  say("phx_join", "1");
  EXPECT_EQ(Json::parse(client.Receive().payload)["payload"]["status"], "ok");
  world.StopBroker();
  EXPECT_EQ(Json::parse(client.Receive().payload), error);
  say("new:msg", "2");   // Silence.
  say("phx_join", "3");  // Refused by an error.
  EXPECT_EQ(Json::parse(client.Receive().payload), error);
}

TEST(LostBrokerTest, NewClientsAreToldToComeBackLater) {
  World world;
  world.StopBroker();
  EXPECT_FALSE(world.edge().ready());
  RawWebSocket refused(world.port());
  EXPECT_EQ(refused.answer().status, 503);
  EXPECT_NE(refused.answer().Header("retry-after"), "");
  world.StartBroker();
  world.AwaitLink();
  RawWebSocket accepted(world.port());
  EXPECT_EQ(accepted.answer().status, 101);
}

TEST(LostBrokerTest, SocketsGoOnWithTheNextBrokerUnderTheirOldId) {
  World world;
  Conversation client(world.port(), absl::StrCat(kV2, "&id=users:ada"));
  Conversation idle(world.port(), absl::StrCat(kV2, "&id=users:alan"));
  client.Join("room:a", "1");
  world.StopBroker();
  client.Expect(Error("1", "room:a"));
  world.StartBroker();
  world.AwaitLink();

  client.Join("room:a", "2");
  client.Say({"2", "3", "room:a", "whoami", Json::object()});
  EXPECT_EQ(client.Hear()[4]["response"]["id"], "users:ada");
  // No connect rule was asked: a broker of its own has seen no connect.
  EXPECT_EQ(world.BrokerMetric("aerie_broker_connects_total"), 0);

  // Their ids still reach them.
  idle.Join("room:b", "1");
  client.Say({"2", nullptr, "room:a", "disconnect", {{"id", "users:alan"}}});
  EXPECT_EQ(idle.CloseCode(), 1001);
  client.Echo("room:a", "2");
}

TEST(LostBrokerTest, ABrokerWithAnotherKeyEndsTheSocketsWith1012) {
  broker::Options options = World::BrokerOptions();
  options.resume.key_file = "";  // Each start makes its own.
  World world({}, options);
  Conversation client(world.port());
  client.Join("room:a", "1");
  world.StopBroker();
  client.Expect(Error("1", "room:a"));
  world.StartBroker();
  world.AwaitLink();
  client.Say({"2", "2", "room:a", "phx_join", Json::object()});
  EXPECT_EQ(client.CloseCode(), 1012);
}

}  // namespace
}  // namespace aerie::testing
