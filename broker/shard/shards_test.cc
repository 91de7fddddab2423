// What concerns several shards, or none of their topics.

#include "broker/shard/shards.h"

#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using ShardsTest = ShardsFixture;

TEST_F(ShardsTest, HostsLearnHowManyShardsThereAre) {
  UseShards(3);
  EXPECT_EQ(shards().count(), 3u);
  EXPECT_EQ(host_->shards(), 3u);
}

TEST_F(ShardsTest, ATopicsShardIsInItsPids) {
  UseShards(4);
  In("1", "1", "room:a", "phx_join");
  EXPECT_EQ(host_->last().shard, shards().ShardOf("room:a"));
  Actions actions;
  actions.push_back({host_->last(), Joined{}});
  EXPECT_TRUE(shards().Post(std::move(actions)));
  shards().RunUntilIdle();
  EXPECT_EQ(Edge().size(), 2u);
}

TEST_F(ShardsTest, ABatchReachesItsShardsInOrder) {
  UseShards(4);
  std::vector<SocketMessage> batch;
  for (const char* topic : {"room:a", "room:b", "room:c", "room:d"}) {
    batch.push_back(Message(socket_, "1", "1", topic, "phx_leave"));
    batch.push_back(Message(socket_, "1", "2", topic, "phx_leave"));
  }
  shards().In(std::move(batch));
  shards().RunUntilIdle();
  std::vector<std::string> of_b;
  for (const std::string& line : Edge()) {
    if (line.find("room:b") != std::string::npos) of_b.push_back(line);
  }
  EXPECT_THAT(of_b, ElementsAre("1 room:b leave_unjoined 1/1",
                                "1 room:b leave_unjoined 1/2"));
}

TEST_F(ShardsTest, ASocketsEndReachesEveryShardBehindItsMessages) {
  UseShards(4);
  host_->AnswerAtOnce();
  std::vector<SocketMessage> batch;
  for (const char* topic : {"room:a", "room:b", "room:c", "room:d"}) {
    batch.push_back(Message(socket_, "1", "1", topic, "phx_join"));
  }
  shards().In(std::move(batch));
  shards().SocketGone(socket_, ExitReason::kClosed);
  shards().RunUntilIdle();
  EXPECT_EQ(Calls().size(), 8u);
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
  EXPECT_EQ(Metric("aerie_broker_exits_total{reason=\"closed\"}"), 4);
}

TEST_F(ShardsTest, PidsOfNoShardAreDropped) {
  Actions actions;
  actions.push_back({Pid{0, 9, 1}, Push{"x", {}}});
  EXPECT_TRUE(shards().Post(std::move(actions)));
  EXPECT_EQ(Metric("aerie_broker_actions_dropped_total"), 1);
}

TEST_F(ShardsTest, DisconnectClosesEverySocketOfAnId) {
  const SocketPtr a = MakeSocket(2, kModern, "users:42");
  const SocketPtr b = MakeSocket(3, kModern, "users:42");
  const SocketPtr c = MakeSocket(4, kModern, "users:43");
  for (const SocketPtr& socket : {a, b, c}) shards().SocketOpened(socket);
  JoinOf(a, "1", "room:a");
  shards().Disconnect("users:42");
  shards().Disconnect("");
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), UnorderedElementsAre("2 close 1001", "3 close 1001"));
  // No frames for its channels; they end when the edge reports it gone.
  Gone(a);
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 closed"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ShardsTest, AGoneSocketHasNoIdAnyMore) {
  const SocketPtr a = MakeSocket(2, kModern, "users:42");
  shards().SocketOpened(a);
  Gone(a);
  shards().Disconnect("users:42");
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ShardsTest, AHostCanDisconnectToo) {
  UseShards(4);
  const SocketPtr a = MakeSocket(2, kModern, "users:42");
  shards().SocketOpened(a);
  Host(0, Disconnect{"users:42"});
  EXPECT_THAT(Edge(), ElementsAre("2 close 1001"));
}

TEST_F(ShardsTest, ADisconnectEventIsAnOrdinaryOne) {
  const SocketPtr a = MakeSocket(2, kModern, "room:a");
  shards().SocketOpened(a);
  Join("1", "room:a");
  Host(1, Broadcast{"disconnect", {}, false});
  EXPECT_THAT(Edge(),
              ElementsAre("fanout room:a disconnect {} groups=1 except="));
}

TEST_F(ShardsTest, SocketsThatFillAnInboxAreClosed) {
  limits_.shard_inbox_bytes_max = 1'000;
  const SocketPtr flood = MakeSocket(2);
  const std::string large(2'000, ' ');
  const auto batch = [&](const SocketPtr& socket) {
    std::vector<SocketMessage> messages;
    messages.push_back(Message(socket, "1", "1", "room:a", "echo", large));
    messages.push_back(Message(socket, "1", "2", "room:a", "echo", large));
    return messages;
  };
  shards().In(batch(socket_));
  shards().In(batch(flood));
  EXPECT_THAT(Edge(), ElementsAre("2 close 1013"));
  // What was taken is handled; what the closed socket says is not.
  shards().RunUntilIdle();
  EXPECT_EQ(Edge().size(), 2u);
  InOf(flood, "1", "3", "room:a", "echo");
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_closes_total{cause=\"overloaded\"}"), 1);
  EXPECT_EQ(Metric("aerie_broker_inbox_refused_total"), 1);
}

TEST_F(ShardsTest, AFullInboxRefusesHostsAndServices) {
  limits_.shard_inbox_bytes_max = 1'000;
  EXPECT_TRUE(shards().Broadcast("room:a", "x", {std::string(2'000, ' ')}));
  EXPECT_FALSE(shards().Broadcast("room:a", "x", {}));
  Actions actions;
  actions.push_back({Pid{0, 0, 1}, Push{"x", {}}});
  EXPECT_FALSE(shards().Post(std::move(actions)));
  // A socket's end is never refused.
  shards().SocketGone(socket_, ExitReason::kClosed);
  shards().RunUntilIdle();
}

TEST_F(ShardsTest, DrainTerminatesEveryChannelAndWaitsForTheAcks) {
  UseShards(2);
  host_->AnswerAtOnce();
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  Edge();
  Calls();
  int done = 0;
  shards().Drain([&done] { ++done; });
  shards().RunUntilIdle();
  EXPECT_EQ(done, 1);
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Calls().size(), 2u);
  EXPECT_EQ(Metric("aerie_broker_exits_total{reason=\"draining\"}"), 2);
}

TEST_F(ShardsTest, DrainGivesUpAtTheTerminateDeadline) {
  Join("1", "room:a");
  int done = 0;
  shards().Drain([&done] { ++done; });
  shards().RunUntilIdle();
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 draining"));
  Advance(4'999);
  EXPECT_EQ(done, 0);
  Advance(1);
  EXPECT_EQ(done, 1);
}

TEST_F(ShardsTest, DrainAnswersJoinsUnavailable) {
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:a", "phx_join");
  int done = 0;
  shards().Drain([&done] { ++done; });
  shards().RunUntilIdle();
  In("3", "3", "room:b", "phx_join");
  In("3", "4", "room:b", "echo");
  EXPECT_THAT(
      Edge(),
      ElementsAre("1 room:a unavailable 1/1", "1 room:a unavailable 2/2",
                  "1 room:b unavailable 3/3", "1 room:b unmatched -/4"));
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}", "terminate 1 draining"));
  Host(1, TerminateAck{});
  EXPECT_EQ(done, 1);
}

TEST_F(ShardsTest, DrainOfAnIdleBrokerIsDoneAtOnce) {
  UseShards(3);
  int done = 0;
  shards().Drain([&done] { ++done; });
  shards().RunUntilIdle();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace aerie::broker
