// How channels end, and what their clients and hosts hear of it.

#include <memory>
#include <utility>
#include <vector>

#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExitsTest : public ShardsFixture {
 protected:
  SocketPtr founding_ = MakeSocket(2, kFounding);
};

// Notes whether its socket could join another topic when a message comes.
class ProbingEdge final : public Edge {
 public:
  void Send(v1::BrokerFrame frame) override {
    if (!frame.has_message()) return;
    free_when_told.push_back(socket->ReserveTopic());
    if (free_when_told.back()) socket->ReleaseTopic();
  }

  Socket* socket = nullptr;
  std::vector<bool> free_when_told;
};

TEST_F(ExitsTest, LeaveIsRepliedThenClosedThenTerminated) {
  Join("1", "room:a");
  In("1", "3", "room:a", "phx_leave");
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
  EXPECT_THAT(Edge(), IsEmpty());
  Host(1, Left{});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a leave_reply 1/3",
                          "1 room:a exit 1/- graceful announced"));
  Host(1, Push{"bye", {}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- bye {}"));
  Host(1, TerminateAck{});
  Host(1, Push{"too late", {}});
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_EQ(Metric("aerie_broker_exits_total{reason=\"left\"}"), 1);
}

TEST_F(ExitsTest, AFoundingLeaveIsClosedAfterTerminate) {
  JoinOf(founding_, "", "room:a");
  InOf(founding_, "", "3", "room:a", "phx_leave");
  Host(1, Left{});
  Host(1, Push{"bye", {}});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(),
              ElementsAre("2 room:a delist pid=1", "2 room:a leave_reply -/3",
                          "2 room:a push -/- bye {}",
                          "2 room:a exit -/- graceful announced"));
}

TEST_F(ExitsTest, ATopicIsFreeBeforeTheClientHearsOfItsEnd) {
  const auto edge = std::make_shared<ProbingEdge>();
  const auto socket =
      std::make_shared<Socket>(edge, 7, "", "", Policy{.topics_max = 1});
  edge->socket = socket.get();
  InOf(socket, "1", "1", "room:a", "phx_join");
  Host(1, Joined{false, {}, {}});
  InOf(socket, "2", "2", "room:a", "phx_join");
  Host(2, JoinCrashed{});
  EXPECT_THAT(std::exchange(edge->free_when_told, {}), ElementsAre(true, true));

  InOf(socket, "3", "3", "room:a", "phx_join");
  Host(3, Joined{});
  InOf(socket, "3", "4", "room:a", "phx_leave");
  Host(3, Left{});
  // The join's reply; the leave's reply and phx_close.
  EXPECT_THAT(std::exchange(edge->free_when_told, {}),
              ElementsAre(false, true, true));

  InOf(socket, "5", "5", "room:a", "phx_join");
  Host(4, Joined{});
  Host(4, Stop{ExitReason::kCrash});
  EXPECT_THAT(edge->free_when_told, ElementsAre(false, true));
}

TEST_F(ExitsTest, ATopicThatIsLeftCanBeJoinedAtOnce) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Host(1, Left{});
  In("3", "3", "room:a", "phx_join");
  Host(2, Joined{});
  Edge();
  // The first one's terminate still speaks for itself.
  Host(1, Push{"bye", {}});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- bye {}"));
  In("3", "4", "room:a", "echo");
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left", "join 2 room:a {}",
                                   "in 2 echo \"4\" {}"));
}

TEST_F(ExitsTest, EventsBehindALeaveAreDroppedSilently) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  In("1", "3", "room:a", "echo");
  In("1", "4", "room:a", "phx_leave");
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ExitsTest, RepliesToEarlierEventsPassBeforeTheLeaveIsAnswered) {
  Join("1", "room:a");
  In("1", "2", "room:a", "slow");
  In("1", "3", "room:a", "phx_leave");
  Host(1, Broadcast{"tick", {}, false});
  Host(1, Reply{"\"2\"", "ok", {}});
  Host(1, Left{});
  EXPECT_THAT(Edge(),
              ElementsAre("fanout room:a tick {} groups=1 except=",
                          "1 room:a reply 1/2 ok {}", "1 room:a delist pid=1",
                          "1 room:a leave_reply 1/3",
                          "1 room:a exit 1/- graceful announced"));
}

TEST_F(ExitsTest, ALeaveThatTheHostDoesNotAnswerEndsByItself) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Advance(4'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a leave_reply 1/2",
                          "1 room:a exit 1/- graceful announced"));
  Advance(4'999);
  Host(1, Push{"still there", {}});
  Advance(1);
  Host(1, Push{"too late", {}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- still there {}"));
  EXPECT_EQ(
      Metric("aerie_broker_host_deadlines_missed_total{answer=\"terminate\"}"),
      2);
}

TEST_F(ExitsTest, AFoundingLeaveIsClosedWhenTerminateTakesTooLong) {
  JoinOf(founding_, "", "room:a");
  InOf(founding_, "", "2", "room:a", "phx_leave");
  Host(1, Left{});
  Edge();
  Advance(5'000);
  EXPECT_THAT(Edge(), ElementsAre("2 room:a exit -/- graceful announced"));
}

TEST_F(ExitsTest, AnAckWithoutLeftAnswersTheLeaveToo) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a leave_reply 1/2",
                          "1 room:a exit 1/- graceful announced"));
}

TEST_F(ExitsTest, AGracefulStopIsClosedThenTerminated) {
  Join("1", "room:a");
  Host(1, Reply{"\"2\"", "ok", {R"({"r":1})"}});
  Host(1, Stop{ExitReason::kStopShutdown});
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 shutdown"));
  Host(1, Push{"after", {}});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 room:a reply 1/2 ok {"r":1})",
                                  "1 room:a delist pid=1",
                                  "1 room:a exit 1/- graceful announced",
                                  "1 room:a push 1/- after {}"));
  In("1", "3", "room:a", "echo");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/3"));
}

TEST_F(ExitsTest, AFoundingStopIsTerminatedThenClosed) {
  JoinOf(founding_, "", "room:a");
  Host(1, Stop{ExitReason::kStopNormal});
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 normal"));
  InOf(founding_, "", "2", "room:a", "lost");
  Host(1, Push{"before", {}});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), ElementsAre("2 room:a delist pid=1",
                                  "2 room:a push -/- before {}",
                                  "2 room:a exit -/- graceful announced"));
}

TEST_F(ExitsTest, ACrashIsAnErrorWithoutTerminate) {
  Join("1", "room:a");
  In("1", "2", "room:a", "boom");
  Calls();
  Host(1, Stop{ExitReason::kCrash});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  EXPECT_THAT(Calls(), IsEmpty());
  In("3", "3", "room:a", "phx_join");  // Free to join again.
  EXPECT_THAT(Calls(), ElementsAre("join 2 room:a {}"));
}

TEST_F(ExitsTest, AnExitThatWasNotReturnedIsGracefulButNotAnnounced) {
  Join("1", "room:a");
  Host(1, Stop{ExitReason::kExitNormal});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a exit 1/- graceful"));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(ExitsTest, AKilledChannelIsTerminatedAndALostHostIsNot) {
  Join("1", "room:a");
  Join("2", "room:b");
  Host(1, Stop{ExitReason::kKilled});
  Host(2, Stop{ExitReason::kHostLost});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash",
                          "1 room:b delist pid=2", "1 room:b exit 2/- crash"));
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 killed"));
}

TEST_F(ExitsTest, AStopThatCrossesALeaveTakesTheLeaveReplyWithIt) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Host(1, Stop{ExitReason::kStopNormal});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a exit 1/- graceful announced"));
  Host(1, Left{});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
}

TEST_F(ExitsTest, ACrashThatCrossesATerminateIsItsAck) {
  Join("1", "room:a");
  Gone(socket_);
  Host(1, Stop{ExitReason::kCrash});
  Advance(10'000);
  EXPECT_EQ(
      Metric("aerie_broker_host_deadlines_missed_total{answer=\"terminate\"}"),
      0);
}

TEST_F(ExitsTest, SecondJoinIsAnsweredBeforeTheFirstIsClosed) {
  Join("1", "room:a");
  In("2", "2", "room:a", "phx_join");
  EXPECT_THAT(Calls(),
              ElementsAre("terminate 1 duplicate_join", "join 2 room:a {}"));
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1"));
  // Nobody hears the first one any more.
  Host(1, Push{"lost", {}});
  Host(1, Reply{"\"1\"", "ok", {}});
  Host(1, Broadcast{"lost", {}, false});
  Host(1, TerminateAck{});
  EXPECT_THAT(Edge(), IsEmpty());
  Host(2, Joined{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 2/2 ok {}",
                                  "1 room:a enlist 2 pid=2 group=0",
                                  "1 room:a exit 1/- graceful announced"));
  In("1", "3", "room:a", "stale");
  In("2", "4", "room:a", "echo");
  EXPECT_THAT(Calls(), ElementsAre("in 2 echo \"4\" {}"));
}

TEST_F(ExitsTest, ARefusedSecondJoinClosesTheFirstNevertheless) {
  Join("1", "room:a");
  In("2", "2", "room:a", "phx_join");
  Host(2, Joined{.ok = false, .response = {}, .intercepts = {}});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a join_reply 2/2 error {}",
                                  "1 room:a exit 1/- graceful announced"));
  In("2", "3", "room:a", "echo");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/3"));
}

TEST_F(ExitsTest, ACrashedSecondJoinClosesTheFirstNevertheless) {
  Join("1", "room:a");
  In("2", "2", "room:a", "phx_join");
  Advance(9'000);
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a join_crashed 2/2",
                          "1 room:a exit 1/- graceful announced"));
}

TEST_F(ExitsTest, ASecondJoinOvertakesALeaveAndItsReplyIsLost) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  In("3", "3", "room:a", "phx_join");
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left", "join 2 room:a {}"));
  Host(1, Left{});
  Host(1, TerminateAck{});
  Host(2, Joined{});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a join_reply 3/3 ok {}",
                                  "1 room:a enlist 3 pid=2 group=0",
                                  "1 room:a exit 1/- graceful announced"));
}

TEST_F(ExitsTest, JoinsInARowCloseOneAnotherInTheirOrder) {
  Join("1", "room:a");
  In("2", "2", "room:a", "phx_join");
  In("3", "3", "room:a", "phx_join");
  Host(2, Joined{});
  Host(3, Joined{});
  EXPECT_THAT(
      Edge(),
      ElementsAre("1 room:a delist pid=1", "1 room:a join_reply 2/2 ok {}",
                  "1 room:a enlist 2 pid=2 group=0",
                  "1 room:a exit 1/- graceful announced",
                  "1 room:a delist pid=2", "1 room:a join_reply 3/3 ok {}",
                  "1 room:a enlist 3 pid=3 group=0",
                  "1 room:a exit 2/- graceful announced"));
}

TEST_F(ExitsTest, AGoneSocketsChannelsAreTerminatedWithoutAWordToIt) {
  Join("1", "room:a");
  Join("2", "room:b");
  Gone(socket_);
  EXPECT_THAT(Edge(), IsEmpty());
  EXPECT_THAT(Calls(), testing::UnorderedElementsAre("terminate 1 closed",
                                                     "terminate 2 closed"));
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
}

TEST_F(ExitsTest, TerminateOfAGoneSocketStillReachesTheTopic) {
  Join("1", "room:a");
  const SocketPtr other = MakeSocket(3);
  JoinOf(other, "1", "room:a");
  Gone(socket_);
  Host(1, Push{"to nobody", {}});
  Host(1, Broadcast{"left", {R"({"user":1})"}, true});
  Host(1, TerminateAck{});
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(fanout room:a left {"user":1} groups=1 except=1)"));
}

TEST_F(ExitsTest, ALostEdgeIsNamedToTerminate) {
  Join("1", "room:a");
  Gone(socket_, ExitReason::kEdgeLost);
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 edge_lost"));
}

TEST_F(ExitsTest, AnOkAfterTheSocketHasGoneIsTerminated) {
  In("1", "1", "room:a", "phx_join");
  In("1", "2", "room:a", "never handled");
  Gone(socket_);
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}"));
  Host(1, Joined{});
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 closed"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ExitsTest, ARefusalAfterTheSocketHasGoneEndsThere) {
  In("1", "1", "room:a", "phx_join");
  Gone(socket_);
  Host(1, Joined{.ok = false, .response = {}, .intercepts = {}});
  Advance(20'000);
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ExitsTest, NoAnswerAfterTheSocketHasGoneIsTerminated) {
  In("1", "1", "room:a", "phx_join");
  Gone(socket_);
  Advance(9'000);
  EXPECT_THAT(Calls(), ElementsAre("join 1 room:a {}", "terminate 1 closed"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ExitsTest, ASocketThatGoesWhileLeavingIsTerminatedOnce) {
  Join("1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Gone(socket_);
  Host(1, Left{});
  Host(1, TerminateAck{});
  EXPECT_THAT(Calls(), ElementsAre("terminate 1 left"));
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ExitsTest, TheTopicCountComesBackWithEveryKindOfEnd) {
  const SocketPtr socket = MakeSocket(4, Policy{.topics_max = 1});
  Host(JoinOf(socket, "1", "room:a"), Stop{ExitReason::kStopNormal});
  Host(JoinOf(socket, "2", "room:b"), Stop{ExitReason::kCrash});
  const uint64_t left = JoinOf(socket, "3", "room:c");
  InOf(socket, "3", "4", "room:c", "phx_leave");
  Host(left, Left{});
  JoinOf(socket, "5", "room:d");
  Edge();
  InOf(socket, "6", "6", "room:e", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("4 room:e topic_limit 6/6"));
}

}  // namespace
}  // namespace aerie::broker
