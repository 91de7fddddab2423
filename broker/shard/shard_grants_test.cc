#include <memory>
#include <string>
#include <utility>

#include "broker/shard/testing/shards_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// What grants forbid, and how they end.
namespace aerie::broker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class ShardGrantsTest : public ShardsFixture {
 protected:
  GrantPtr Expiring(int64_t seconds, std::string prefix = "room:") const {
    return std::make_shared<const Grant>(
        Grant{.topics = {},
              .prefixes = {std::move(prefix)},
              .expires = clock_.Now() + absl::Seconds(seconds)});
  }
  SocketPtr Open(GrantPtr grant, uint64_t number = 7, Policy policy = kModern,
                 std::string id = "") {
    auto socket = std::make_shared<Socket>(edge_, number, std::move(id), "",
                                           policy, std::move(grant));
    shards().SocketOpened(socket);
    shards().RunUntilIdle();
    return socket;
  }
  void Renew(const SocketPtr& socket, GrantPtr grant) {
    EXPECT_TRUE(shards().Renew(socket, std::move(grant)));
    shards().RunUntilIdle();
  }
};

TEST_F(ShardGrantsTest, ATopicThatIsNotGrantedIsNotAskedFor) {
  const SocketPtr socket = Open(Expiring(3'600));
  InOf(socket, "1", "2", "vip:a", "phx_join");
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(7 vip:a join_reply 1/2 error {"reason":"unauthorized"})"));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_joins_total{result=\"unauthorized\"}"), 1);
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
  InOf(socket, "3", "3", "room:a", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}"));
}

TEST_F(ShardGrantsTest, WhichTopicsThereAreIsNotTold) {
  const SocketPtr socket = Open(Expiring(3'600));
  InOf(socket, "1", "1", "nowhere:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("7 nowhere:a join_reply 1/1 error "
                                  R"({"reason":"unauthorized"})"));
}

TEST_F(ShardGrantsTest, ARefusedTopicIsUnjoined) {
  const SocketPtr socket = Open(Expiring(3'600));
  InOf(socket, "1", "1", "vip:a", "phx_join");
  InOf(socket, "1", "2", "vip:a", "hello");
  EXPECT_THAT(Edge(), Contains("7 vip:a unmatched -/2"));
}

TEST_F(ShardGrantsTest, ASocketWithoutGrantMayJoinEverything) {
  In("1", "1", "vip:a", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("join 1 vip:a {}"));
  EXPECT_FALSE(shards().Renew(socket_, Expiring(10)));
  EXPECT_EQ(socket_->grant(), nullptr);
}

TEST_F(ShardGrantsTest, TheEndIsAnnouncedOnEachTopicThatIsJoined) {
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  JoinOf(socket, "2", "room:b");
  Join("9", "room:a");
  Advance(65'000);
  InOf(socket, "3", "3", "room:c", "phx_join");
  Calls();
  Advance(4'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Calls(),
              ElementsAre(R"(info 2 token_expiring {"expires_in":30})",
                          R"(info 1 token_expiring {"expires_in":30})"));
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(7 room:b push 2/- token_expiring {"expires_in":30})",
                  R"(7 room:a push 1/- token_expiring {"expires_in":30})"));
}

TEST_F(ShardGrantsTest, WhoJoinsLaterIsToldThen) {
  const SocketPtr socket = Open(Expiring(100));
  Advance(80'500);
  InOf(socket, "1", "1", "room:a", "phx_join");
  Host(1, Joined{});
  EXPECT_THAT(
      Edge(),
      ElementsAre("7 room:a join_reply 1/1 ok {}",
                  "7 room:a enlist 1 pid=1 group=0",
                  R"(7 room:a push 1/- token_expiring {"expires_in":20})"));
}

TEST_F(ShardGrantsTest, AnExpiredTokenClosesItsSocketAfterAWhile) {
  Open(Expiring(100));
  Advance(109'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
  EXPECT_EQ(Metric("aerie_broker_closes_total{cause=\"expired\"}"), 1);
  Advance(1'000'000);
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ShardGrantsTest, NothingIsJoinedMeanwhile) {
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  Advance(100'000);
  Edge();
  InOf(socket, "2", "2", "room:b", "phx_join");
  EXPECT_THAT(
      Edge(),
      ElementsAre(
          R"(7 room:b join_reply 2/2 error {"reason":"unauthorized"})"));
  InOf(socket, "1", "3", "room:a", "hello");
  EXPECT_THAT(Calls(), ElementsAre("in 1 hello \"3\" {}"));
}

TEST_F(ShardGrantsTest, ASecondJoinThatIsNotGrantedEndsTheFirst) {
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  Renew(socket, Expiring(100, "other:"));
  InOf(socket, "2", "2", "room:a", "phx_join");
  EXPECT_THAT(
      Edge(),
      ElementsAre("7 room:a delist pid=1",
                  R"(7 room:a join_reply 2/2 error {"reason":"unauthorized"})",
                  "7 room:a exit 1/- graceful announced"));
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 duplicate_join"));
  Host(1, TerminateAck{});
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(socket->ReserveTopic()) << i;
}

TEST_F(ShardGrantsTest, AFoundingSocketIsRefusedAlike) {
  const SocketPtr socket = Open(Expiring(100), 7, kFounding);
  InOf(socket, "", "", "vip:a", "phx_join");
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(7 vip:a join_reply -/- error {"reason":"unauthorized"})"));
}

TEST_F(ShardGrantsTest, ARenewalPutsTheEndOff) {
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  Advance(105'000);
  Edge();
  Renew(socket, Expiring(100));
  EXPECT_EQ(Metric("aerie_broker_grants_renewed_total"), 1);
  Advance(69'000);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1'000);
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(7 room:a push 1/- token_expiring {"expires_in":30})"));
  Advance(40'000);
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
}

TEST_F(ShardGrantsTest, ARenewalThatBringsTheEndNearIsAnnounced) {
  const SocketPtr socket = Open(Expiring(3'600));
  JoinOf(socket, "1", "room:a");
  Renew(socket, Expiring(5));
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(7 room:a push 1/- token_expiring {"expires_in":5})"));
  Advance(15'000);
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
}

TEST_F(ShardGrantsTest, ARenewalDecidesWhatIsJoinedNext) {
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  Renew(socket, Expiring(100, "vip:"));
  InOf(socket, "2", "2", "room:b", "phx_join");
  EXPECT_THAT(Calls(), IsEmpty());
  InOf(socket, "3", "3", "vip:a", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("join 2 vip:a {}"));
}

TEST_F(ShardGrantsTest, AGrantWithoutEndStays) {
  Open(std::make_shared<const Grant>());
  Advance(int64_t{1} << 40);
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ShardGrantsTest, AnEndFarAwayIsReached) {
  constexpr int64_t kDaySeconds = 86'400;
  Open(Expiring(100 * kDaySeconds));
  for (int day = 0; day < 100; ++day) Advance(kDaySeconds * 1'000);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(10'000);
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
}

TEST_F(ShardGrantsTest, ASocketThatIsGoneIsNotWatched) {
  const SocketPtr socket = Open(Expiring(100), 7, kModern, "users:42");
  Gone(socket);
  Renew(socket, Expiring(50));
  Advance(1'000'000);
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(socket.use_count(), 1);
}

TEST_F(ShardGrantsTest, ASocketThatComesBackExpiredIsClosed) {
  Open(Expiring(-10));
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
}

TEST_F(ShardGrantsTest, NoticeAndGraceCanBeChanged) {
  limits_.grant_notice_ms = 0;
  limits_.grant_grace_ms = 0;
  const SocketPtr socket = Open(Expiring(100));
  JoinOf(socket, "1", "room:a");
  Advance(99'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Edge(), ElementsAre("7 close 1008"));
}

TEST_F(ShardGrantsTest, EveryShardTellsItsChannels) {
  UseShards(4);
  const SocketPtr socket = Open(Expiring(100), 7, kModern, "users:42");
  host_->AnswerAtOnce();
  for (const char* topic : {"room:a", "room:b", "room:c", "room:d", "room:e"}) {
    InOf(socket, "1", "1", topic, "phx_join");
  }
  Edge();
  Advance(70'000);
  const auto told = Edge();
  EXPECT_EQ(told.size(), 5u);
  for (const char* topic : {"room:a", "room:b", "room:c", "room:d", "room:e"}) {
    EXPECT_THAT(told,
                Contains(std::string("7 ") + topic +
                         R"( push 1/- token_expiring {"expires_in":30})"));
  }
}

}  // namespace
}  // namespace aerie::broker
