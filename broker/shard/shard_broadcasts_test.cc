// Broadcasts, intercepts and groups.

#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using BroadcastsTest = ShardsFixture;

TEST_F(BroadcastsTest, AChannelsBroadcastPrecedesItsReply) {
  Join("1", "room:a");
  host_->NextIn({{Pid{0, 0, 1}, Broadcast{"bc", {R"({"m":1})"}, false}},
                 {Pid{0, 0, 1}, Reply{"\"2\"", "ok", {}}}});
  In("1", "2", "room:a", "bcast");
  EXPECT_THAT(Edge(),
              ElementsAre(R"(fanout room:a bc {"m":1} groups=1 except=)",
                          "1 room:a reply 1/2 ok {}"));
}

TEST_F(BroadcastsTest, BroadcastFromSkipsTheSender) {
  Join("1", "room:a");
  JoinOf(MakeSocket(2), "1", "room:a");
  Host(1, Broadcast{"bc", {}, true});
  EXPECT_THAT(Edge(), ElementsAre("fanout room:a bc {} groups=1 except=1"));
}

TEST_F(BroadcastsTest, AServiceCanBroadcast) {
  Join("1", "room:a");
  ASSERT_TRUE(shards().Broadcast("room:a", "news", {"{}"}));
  ASSERT_TRUE(shards().Broadcast("room:nobody", "news", {"{}"}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("fanout room:a news {} groups=1 except="));
}

TEST_F(BroadcastsTest, NothingIsDeliveredBeforeTheJoinReply) {
  In("1", "1", "room:a", "phx_join");
  ASSERT_TRUE(shards().Broadcast("room:a", "early", {}));
  Host(1, Joined{});
  ASSERT_TRUE(shards().Broadcast("room:a", "later", {}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 1/1 ok {}",
                                  "1 room:a enlist 1 pid=1 group=0",
                                  "fanout room:a later {} groups=1 except="));
}

TEST_F(BroadcastsTest, InterceptedEventsGoThroughTheChannel) {
  Join("1", "vip:a");
  ASSERT_TRUE(shards().Broadcast("vip:a", "secret", {R"({"x":1})"}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_THAT(Calls(), ElementsAre(R"(out 1 secret {"x":1})"));
  Host(1, Push{"secret", {R"({"x":2})"}});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 vip:a push 1/- secret {"x":2})"));
}

TEST_F(BroadcastsTest, AChannelsInterceptsAddToItsRoutes) {
  In("1", "1", "vip:a", "phx_join");
  Host(1, Joined{.ok = true, .response = {}, .intercepts = {"tick", "secret"}});
  JoinOf(MakeSocket(2), "1", "vip:a");
  ASSERT_TRUE(shards().Broadcast("vip:a", "tick", {}));
  ASSERT_TRUE(shards().Broadcast("vip:a", "plain", {}));
  shards().RunUntilIdle();
  EXPECT_THAT(Calls(), ElementsAre("out 1 tick {}"));
  EXPECT_THAT(Edge(), ElementsAre("fanout vip:a tick {} groups=5 except=",
                                  "fanout vip:a plain {} groups=7 except="));
}

TEST_F(BroadcastsTest, TheSenderIsSkippedOnBothRoads) {
  Join("1", "vip:a");
  JoinOf(MakeSocket(2), "1", "vip:a");
  Host(1, Broadcast{"secret", {}, true});
  EXPECT_THAT(Calls(), ElementsAre("out 2 secret {}"));
}

TEST_F(BroadcastsTest, HandleOutRunsBehindTheCallbackThatBroadcast) {
  Join("1", "vip:a");
  host_->NextIn({{Pid{0, 0, 1}, Broadcast{"secret", {}, false}},
                 {Pid{0, 0, 1}, Stop{ExitReason::kCrash}}});
  In("1", "2", "vip:a", "go");
  EXPECT_THAT(Calls(), ElementsAre("in 1 go \"2\" {}"));
}

TEST_F(BroadcastsTest, ALeavingChannelGetsNoHandleOut) {
  Join("1", "vip:a");
  In("1", "2", "vip:a", "phx_leave");
  ASSERT_TRUE(shards().Broadcast("vip:a", "secret", {}));
  shards().RunUntilIdle();
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
}

TEST_F(BroadcastsTest, TheSeventeenthGroupOfATopicCrashesItsJoin) {
  uint64_t serial = Join("1", "room:a");  // Group 0.
  for (int i = 1; i < 16; ++i) {
    const SocketPtr socket = MakeSocket(100 + i);
    serial = JoinOf(socket, "1", "room:a",
                    Joined{.ok = true,
                           .response = {},
                           .intercepts = {"event" + std::to_string(i)}});
  }
  const SocketPtr last = MakeSocket(200);
  InOf(last, "1", "1", "room:a", "phx_join");
  Calls();
  Host(serial + 1,
       Joined{.ok = true, .response = {}, .intercepts = {"one too many"}});
  EXPECT_THAT(Edge(), ElementsAre("200 room:a join_crashed 1/1"));
  EXPECT_THAT(Calls(), ElementsAre("terminate 17 killed"));
  EXPECT_EQ(Metric("aerie_broker_groups_exceeded_total"), 1);
}

TEST_F(BroadcastsTest, WhatABroadcastCostsDoesNotGrowWithSockets) {
  for (uint64_t i = 2; i < 500; ++i) JoinOf(MakeSocket(i), "1", "room:a");
  const size_t before = edge_->frames().size();
  ASSERT_TRUE(shards().Broadcast("room:a", "tick", {}));
  shards().RunUntilIdle();
  EXPECT_EQ(edge_->frames().size(), before + 1);
  EXPECT_EQ(Metric("aerie_broker_fanouts_total"), 1);
}

}  // namespace
}  // namespace aerie::broker
