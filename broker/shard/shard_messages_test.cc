// What a connection does with a message of its client.

#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using MessagesTest = ShardsFixture;

TEST_F(MessagesTest, JoinIsAnsweredThenEnlisted) {
  In("1", "1", "room:a", "phx_join", R"({"token":7})");
  EXPECT_THAT(Calls(), ElementsAre(R"(join 1 room:a {"token":7})"));
  EXPECT_THAT(Edge(), IsEmpty());
  Host(1, Joined{.ok = true, .response = {R"({"a":1})"}, .intercepts = {}});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 room:a join_reply 1/1 ok {"a":1})",
                                  "1 room:a enlist 1 pid=1 group=0"));
  EXPECT_EQ(Metric("aerie_broker_channels"), 1);
}

TEST_F(MessagesTest, ARefusedJoinLeavesTheTopicUnjoined) {
  In("1", "1", "room:a", "phx_join");
  Host(1,
       Joined{
           .ok = false, .response = {R"({"reason":"no"})"}, .intercepts = {}});
  EXPECT_THAT(Edge(),
              ElementsAre(R"(1 room:a join_reply 1/1 error {"reason":"no"})"));
  In("1", "2", "room:a", "echo");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/2"));
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}"));
}

TEST_F(MessagesTest, AJoinThatCrashesLeavesTheTopicUnjoined) {
  In("1", "1", "room:a", "phx_join");
  Host(1, JoinCrashed{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1"));
  In("1", "2", "room:a", "phx_leave");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a leave_unjoined 1/2"));
}

TEST_F(MessagesTest, AStopInsteadOfAnAnswerIsACrash) {
  In("1", "1", "room:a", "phx_join");
  Host(1, Stop{ExitReason::kStopNormal});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1"));
}

TEST_F(MessagesTest, AJoinThatIsNotAnsweredInTimeCrashes) {
  In("1", "1", "room:a", "phx_join");
  Calls();
  Advance(8'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1"));
  // An ok that comes after all has something to end, and is heard no more.
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 killed"));
  Host(1, Joined{});
  Host(1, Push{"late", {}});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_host_deadlines_missed_total{answer=\"join\"}"),
            1);
}

TEST_F(MessagesTest, AnAnsweredJoinHasNoDeadline) {
  Join("1", "room:a");
  Advance(100'000);
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(MessagesTest, NoRouteForTheTopicIsUnmatched) {
  In("1", "1", "nowhere", "phx_join");
  In("", "2", "phoenix", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 nowhere unmatched -/1",
                                  "1 phoenix unmatched -/2"));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(MessagesTest, ATopicThatIsNoStringIsUnmatched) {
  Route("5", host_);
  std::vector<SocketMessage> batch;
  batch.push_back(Message(socket_, "1", "1", "5", "phx_join"));
  batch.back().message.set_topic_is_json(true);
  shards().In(std::move(batch));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("1 5 unmatched -/1"));
  EXPECT_TRUE(edge_->frames().back().message().topic_is_json());
}

TEST_F(MessagesTest, NotJoinedEventsAreUnmatchedAndLeavesAreOk) {
  In("1", "4", "room:a", "echo");
  In("1", "5", "room:a", "phx_leave");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/4",
                                  "1 room:a leave_unjoined 1/5"));
}

TEST_F(MessagesTest, TheTopicLimitComesAfterTheRoute) {
  const SocketPtr socket = MakeSocket(2, Policy{.topics_max = 1});
  JoinOf(socket, "1", "room:a");
  InOf(socket, "2", "2", "room:b", "phx_join");
  InOf(socket, "3", "3", "nowhere", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("2 room:b topic_limit 2/2",
                                  "2 nowhere unmatched -/3"));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(MessagesTest, JoiningCountsForTheTopicLimitUntilItFails) {
  const SocketPtr socket = MakeSocket(2, Policy{.topics_max = 1});
  InOf(socket, "1", "1", "room:a", "phx_join");
  InOf(socket, "2", "2", "room:b", "phx_join");
  Host(1, JoinCrashed{});
  InOf(socket, "3", "3", "room:b", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("2 room:b topic_limit 2/2",
                                  "2 room:a join_crashed 1/1"));
  Host(2, Joined{});
  EXPECT_THAT(Edge(), ElementsAre("2 room:b join_reply 3/3 ok {}",
                                  "2 room:b enlist 3 pid=2 group=0"));
}

TEST_F(MessagesTest, ASecondJoinNeedsNoSecondTopic) {
  const SocketPtr socket = MakeSocket(2, Policy{.topics_max = 1});
  JoinOf(socket, "1", "room:a");
  JoinOf(socket, "2", "room:a");
  InOf(socket, "3", "3", "room:b", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("2 room:b topic_limit 3/3"));
}

TEST_F(MessagesTest, EventsGoToTheChannelAndRepliesComeBack) {
  Join("1", "room:a");
  In("1", "2", "room:a", "echo", R"({"x":1})");
  EXPECT_THAT(Calls(), ElementsAre(R"(in 1 echo "2" {"x":1})"));
  Host(1, Reply{"\"2\"", "ok", {R"({"x":1})"}});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 room:a reply 1/2 ok {"x":1})"));
}

TEST_F(MessagesTest, ReservedEventNamesReachTheChannel) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_close");
  EXPECT_THAT(Calls(), ElementsAre("in 1 phx_close \"2\" {}"));
}

TEST_F(MessagesTest, AMessageOfAnotherJoinIsStaleAndGetsNoAnswer) {
  Join("2", "room:a");
  In("1", "3", "room:a", "echo");
  In("1", "4", "room:a", "phx_leave");
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_messages_dropped_total{cause=\"stale\"}"), 2);
}

TEST_F(MessagesTest, ANullJoinRefIsNeverStale) {
  Join("1", "room:a");
  In("", "2", "room:a", "echo");
  EXPECT_THAT(Calls(), ElementsAre("in 1 echo \"2\" {}"));
  In("", "3", "room:a", "phx_leave");
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
}

TEST_F(MessagesTest, AJoinWithoutJoinRefIsKnownByItsRefButRecordedAsNull) {
  In("", "1", "room:a", "phx_join");
  Host(1, Joined{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply -/1 ok {}",
                                  "1 room:a enlist - pid=1 group=0"));
  Host(1, Push{"pushed", {}});
  Host(1, Reply{"\"2\"", "ok", {}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- pushed {}",
                                  "1 room:a reply 1/2 ok {}"));
  In("1", "3", "room:a", "echo");  // Not null: stale.
  Host(1, Stop{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a exit -/- graceful announced"));
}

TEST_F(MessagesTest, FramesWaitBehindTheirJoinAndOnlyThey) {
  const SocketPtr other = MakeSocket(2);
  JoinOf(other, "9", "room:a");
  In("1", "1", "room:a", "phx_join");
  In("1", "2", "room:a", "echo");
  InOf(other, "9", "10", "room:a", "theirs");
  In("5", "5", "room:b", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("join 2 room:a {}", "in 1 theirs \"10\" {}",
                                   "join 3 room:b {}"));
  Host(2, Joined{});
  EXPECT_THAT(Calls(), ElementsAre("in 2 echo \"2\" {}"));
}

TEST_F(MessagesTest, AJoinAndALeaveBehindAJoinTakeTheirTurn) {
  In("1", "1", "room:a", "phx_join");
  In("1", "2", "room:a", "phx_leave");
  In("3", "3", "room:a", "phx_join");
  In("3", "4", "room:a", "echo");
  Calls();
  Host(1, Joined{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 1/1 ok {}",
                                  "1 room:a enlist 1 pid=1 group=0",
                                  "1 room:a delist pid=1"));
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left", "join 2 room:a {}"));
  Host(2, Joined{});
  // The leave reply is lost: the second join has overtaken it.
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 3/3 ok {}",
                                  "1 room:a enlist 3 pid=2 group=0",
                                  "1 room:a exit 1/- graceful announced"));
  EXPECT_THAT(Calls(), ElementsAre("in 2 echo \"4\" {}"));
}

TEST_F(MessagesTest, WhatWaitedBehindARefusedJoinFindsNothingJoined) {
  In("1", "1", "room:a", "phx_join");
  In("1", "2", "room:a", "echo");
  In("1", "3", "room:a", "phx_leave");
  In("4", "4", "room:a", "phx_join");
  Host(1, Joined{.ok = false, .response = {}, .intercepts = {}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 1/1 error {}",
                                  "1 room:a unmatched -/2",
                                  "1 room:a leave_unjoined 1/3"));
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}", "join 2 room:a {}"));
}

TEST_F(MessagesTest, MoreThan64FramesBehindAJoinCloseTheSocket) {
  In("1", "1", "room:a", "phx_join");
  for (int i = 0; i < 64; ++i) In("1", "2", "room:a", "echo");
  EXPECT_THAT(Edge(), IsEmpty());
  In("1", "2", "room:a", "echo");
  EXPECT_THAT(Edge(), ElementsAre("1 close 1008"));
  // Nothing more of it is heard.
  In("3", "3", "room:b", "phx_join");
  Host(1, Joined{});
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}"));
}

TEST_F(MessagesTest, TooManyBytesBehindAJoinCloseTheSocket) {
  limits_.bytes_behind_join_max = 1'000;
  In("1", "1", "room:a", "phx_join");
  In("1", "2", "room:a", "echo", std::string(2'000, ' '));
  EXPECT_THAT(Edge(), IsEmpty());
  In("1", "3", "room:a", "echo");
  EXPECT_THAT(Edge(), ElementsAre("1 close 1008"));
}

TEST_F(MessagesTest, EveryFrameIsCredited) {
  Join("1", "room:a");
  for (int i = 0; i < 31; ++i) In("0", "2", "room:a", "stale");
  EXPECT_EQ(edge_->credit_frames(), 32u);
}

TEST_F(MessagesTest, AFoundingSecondJoinIsAnOrdinaryEvent) {
  const SocketPtr founding = MakeSocket(2, kFounding);
  JoinOf(founding, "", "room:a");
  InOf(founding, "", "2", "room:a", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("in 1 phx_join \"2\" {}"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(MessagesTest, WhatAHostSaysBeforeItAnswersTheJoinIsDropped) {
  In("1", "1", "room:a", "phx_join");
  Host(1, Push{"early", {}});
  Host(1, Reply{"\"1\"", "ok", {}});
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_actions_dropped_total"), 2);
}

TEST_F(MessagesTest, AHostMayAnswerWithinTheCall) {
  host_->AnswerAtOnce();
  In("1", "1", "room:a", "phx_join");
  host_->NextIn({{Pid{0, 0, 1}, Push{"pushed", {}}},
                 {Pid{0, 0, 1}, Reply{"\"2\"", "ok", {}}}});
  In("1", "2", "room:a", "push_reply");
  In("1", "3", "room:a", "phx_leave");
  EXPECT_THAT(
      Edge(),
      ElementsAre("1 room:a join_reply 1/1 ok {}",
                  "1 room:a enlist 1 pid=1 group=0",
                  "1 room:a push 1/- pushed {}", "1 room:a reply 1/2 ok {}",
                  "1 room:a delist pid=1", "1 room:a leave_reply 1/3",
                  "1 room:a exit 1/- graceful announced"));
}

TEST_F(MessagesTest, BinaryPayloadsStayBytes) {
  Join("1", "room:a");
  Host(1, Push{"file", {"\x01", true}});
  Host(1, Reply{"\"2\"", "ok", {"\x02", true}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- file <\x01>",
                                  "1 room:a reply 1/2 ok <\x02>"));
}

}  // namespace
}  // namespace aerie::broker
