// How the channels of attached hosts end, and who gets their terminates.

#include <map>

#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/testing/attached_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Policy kFounding = {.second_join_replaces = false,
                              .topics_max = 0,
                              .close_after_terminate = true};

class AttachedEndsTest : public AttachedFixture {
 protected:
  // Kept terminates, in bytes.
  double Kept() const {
    return Metric("aerie_broker_host_terminates_kept_bytes");
  }
};

TEST_F(AttachedEndsTest, ALeaveIsAnsweredBeforeTerminateRuns) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 left room:a {}"));
  EXPECT_THAT(Edge(), IsEmpty());
  Say(host, {Leaves(1)});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a leave_reply 1/2",
                          "1 room:a exit 1/- graceful announced"));
  Say(host, {PushTo(1, "farewell"), Terminates(1), PushTo(1, "late")});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a push 1/- farewell {}"));
  EXPECT_EQ(host.host->channels(), 0u);
  EXPECT_EQ(Kept(), 0);
}

TEST_F(AttachedEndsTest, FoundingClientsAreClosedAfterTerminate) {
  const PlayedHost host = Attach("h1");
  const SocketPtr founding = MakeSocket(2, kFounding);
  JoinOf(founding, host, "1", "room:a");
  InOf(founding, "1", "2", "room:a", "phx_leave");
  Say(host, {Leaves(1), PushTo(1, "farewell"), Terminates(1)});
  EXPECT_THAT(Edge(),
              ElementsAre("2 room:a delist pid=1", "2 room:a leave_reply 1/2",
                          "2 room:a push 1/- farewell {}",
                          "2 room:a exit 1/- graceful announced"));
}

TEST_F(AttachedEndsTest, ASecondJoinEndsTheFirstChannel) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("2", "2", "room:a", "phx_join");
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 duplicate_join room:a {}",
                                      "join 2 room:a {}"));
  Say(host, {PushTo(1, "lost"), Terminates(1), JoinOk(2)});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a join_reply 2/2 ok {}",
                                  "1 room:a enlist 2 pid=2 group=0",
                                  "1 room:a exit 1/- graceful announced"));
}

TEST_F(AttachedEndsTest, AStopWithAReplyIsFollowedByTerminate) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "bye");
  v1::HostFrame stop = StopWith(1, v1::EXIT_REASON_STOP_NORMAL);
  stop.mutable_stop()->mutable_reply()->set_ref("\"2\"");
  Hear(host);
  Say(host, {stop, Done(1)});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a reply 1/2 ok {}", "1 room:a delist pid=1",
                          "1 room:a exit 1/- graceful announced"));
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 stop_normal room:a {}"));
}

TEST_F(AttachedEndsTest, AShutdownIsGracefulAndAnExitUnannounced) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  Join(host, "2", "room:b");
  Say(host, {StopWith(1, v1::EXIT_REASON_STOP_SHUTDOWN),
             StopWith(2, v1::EXIT_REASON_EXIT_NORMAL)});
  EXPECT_THAT(Edge(), ElementsAre("1 room:a delist pid=1",
                                  "1 room:a exit 1/- graceful announced",
                                  "1 room:b delist pid=2",
                                  "1 room:b exit 2/- graceful"));
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 stop_shutdown room:a {}"));
}

TEST_F(AttachedEndsTest, ACrashIsNotFollowedByTerminate) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  Say(host, {PushTo(1, "last words"), StopWith(1, v1::EXIT_REASON_CRASH)});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a push 1/- last words {}",
                          "1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  EXPECT_THAT(Hear(host), IsEmpty());
  EXPECT_EQ(host.host->channels(), 0u);
}

TEST_F(AttachedEndsTest, ACrashThatCrossesALeaveEndsBoth) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Say(host, {StopWith(1, v1::EXIT_REASON_CRASH)});
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  Say(host, {Terminates(1)});
  EXPECT_EQ(host.host->channels(), 0u);
  EXPECT_EQ(Metric("aerie_broker_actions_dropped_total"), 0);
}

TEST_F(AttachedEndsTest, TheTerminateCarriesTheAssignsAsLastSet) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  Say(host, {Assigns(1, R"({"n":1})"), Assigns(1, R"({"n":2})")});
  Gone(socket_, ExitReason::kEdgeLost);
  EXPECT_THAT(Hear(host),
              ElementsAre(R"(terminate 1 edge_lost room:a {"n":2})"));
  EXPECT_EQ(host.stream->last().terminate().event_id(), "broker/1");
  EXPECT_EQ(host.stream->last().terminate().pattern(), "room:*");
}

TEST_F(AttachedEndsTest, AJoinThatIsAnsweredAfterItsClientHasGoneIsEnded) {
  const PlayedHost host = Attach("h1");
  In("1", "1", "room:a", "phx_join");
  Gone(socket_, ExitReason::kClosed);
  Hear(host);
  Say(host, {JoinOk(1)});
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 closed room:a {}"));
}

TEST_F(AttachedEndsTest, ALateJoinIsEndedAndItsAnswerTakenAllTheSame) {
  const PlayedHost host = Attach("h1");
  In("1", "1", "room:a", "phx_join");
  Hear(host);
  Advance(9'000);
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1"));
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 killed room:a {}"));
  Say(host, {JoinOk(1), Terminates(1)});
  EXPECT_TRUE(host.stream->end().ok());
  EXPECT_EQ(host.host->channels(), 0u);
}

TEST_F(AttachedEndsTest, TheShardGoesOnAloneButTheTerminateStaysOwed) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "phx_leave");
  Advance(5'000);
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a leave_reply 1/2",
                          "1 room:a exit 1/- graceful announced"));
  Advance(5'000);
  EXPECT_GT(Kept(), 0);
  Say(host, {Leaves(1), Terminates(1)});
  EXPECT_EQ(Kept(), 0);
}

TEST_F(AttachedEndsTest, ALostHostEndsItsChannelsAsACrash) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  In("2", "2", "room:b", "phx_join");
  Lose(host);
  EXPECT_THAT(Edge(), ::testing::UnorderedElementsAre(
                          "1 room:a delist pid=1", "1 room:a exit 1/- crash",
                          "1 room:b join_crashed 2/2"));
  In("1", "3", "room:a", "said");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unmatched -/3"));
}

TEST_F(AttachedEndsTest, TheTerminatesOfALostHostGoToAnother) {
  const PlayedHost h1 = Attach("h1");
  Join(h1, "1", "room:a");
  Join(h1, "2", "room:b");
  Join(h1, "3", "room:c");
  In("2", "4", "room:b", "phx_leave");
  Say(h1, {Assigns(1, R"({"n":1})"), StopWith(3, v1::EXIT_REASON_CRASH)});
  const PlayedHost h2 = Attach("h2");
  Edge();
  Lose(h1);
  EXPECT_THAT(Hear(h2),
              ::testing::UnorderedElementsAre(
                  R"(terminate 1 host_lost room:a {"n":1} redelivered)",
                  "terminate 2 left room:b {} redelivered"));
  EXPECT_THAT(Edge(), ::testing::UnorderedElementsAre(
                          "1 room:a delist pid=1", "1 room:a exit 1/- crash",
                          "1 room:b delist pid=2", "1 room:b leave_reply 2/4",
                          "1 room:b exit 2/- graceful announced"));
  EXPECT_EQ(Metric("aerie_broker_host_terminates_redelivered_total"), 2);
  Say(h2, {Terminates(1), Leaves(2), Terminates(2)});
  EXPECT_EQ(Kept(), 0);
  EXPECT_EQ(h2.host->channels(), 0u);
}

TEST_F(AttachedEndsTest, WithoutAnotherHostTheyWaitForTheNext) {
  const PlayedHost h1 = Attach("h1");
  Join(h1, "1", "room:a");
  Gone(socket_, ExitReason::kEdgeLost);
  Hear(h1);
  const std::string event = h1.stream->last().terminate().event_id();
  Lose(h1);
  Advance(540'000);
  const PlayedHost other = Attach("h2", {"game:*"});
  EXPECT_THAT(Hear(other), IsEmpty());
  // Attach has checked that the first frame is Attached.
  const PlayedHost h3 = Attach("h3");
  ASSERT_TRUE(h3.stream->attached());
  EXPECT_EQ(h3.stream->last().terminate().event_id(), event);
  EXPECT_TRUE(h3.stream->last().terminate().redelivered());
  Say(h3, {Terminates(1)});
  EXPECT_EQ(Kept(), 0);
}

TEST_F(AttachedEndsTest, ATerminateIsKeptForTenMinutes) {
  const PlayedHost h1 = Attach("h1");
  Join(h1, "1", "room:a");
  Lose(h1);
  Advance(10 * 60'000 - 1);
  EXPECT_GT(Kept(), 0);
  Advance(1);
  EXPECT_EQ(Kept(), 0);
  EXPECT_EQ(Metric("aerie_broker_host_terminates_dropped_total{cause=\"age\"}"),
            1);
}

TEST_F(AttachedEndsTest, SoManyBytesOfTerminatesAreKept) {
  limits_.host_terminates_bytes_max = 1'200;
  const PlayedHost h1 = Attach("h1");
  Join(h1, "1", "room:a");
  Join(h1, "2", "room:b");
  Join(h1, "3", "room:c");
  Lose(h1);
  EXPECT_EQ(
      Metric("aerie_broker_host_terminates_dropped_total{cause=\"bytes\"}"), 1);
  const PlayedHost h2 = Attach("h2");
  EXPECT_EQ(h2.host->channels(), 2u);
}

TEST_F(AttachedEndsTest, ABroadcastOfATerminateElsewhereReachesTheTopic) {
  const PlayedHost h1 = Attach("h1");
  const PlayedHost h2 = Attach("h2", {"game:*", "room:*"});
  // The topic of one that the first host has.
  std::string topic;
  for (int i = 0; h1.host->channels() == 0; ++i) {
    topic = absl::StrCat("room:", i);
    InOf(MakeSocket(100 + i), "1", "1", topic, "phx_join");
  }
  Hear(h1);
  const uint64_t channel = h1.stream->last().channel();
  Say(h1, {JoinOk(channel)});
  Lose(h1);
  Hear(h2);
  JoinOf(socket_, h2, "2", topic);
  Say(h2, {BroadcastFrom(channel, "left", "", true), PushTo(channel, "lost"),
           Terminates(channel)});
  EXPECT_THAT(Edge(), ElementsAre(absl::StrCat("fanout ", topic,
                                               " left {} groups=1 except=")));
}

TEST_F(AttachedEndsTest, AJoinThatStillWaitsGoesToAnotherHost) {
  const PlayedHost h1 = Attach("h1", {"room:*"}, 1);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  const PlayedHost h2 = Attach("h2");
  Lose(h1);
  EXPECT_THAT(Hear(h2), ElementsAre("join 2 room:b {}"));
  Lose(h2);
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1",
                                  "1 room:b join_crashed 2/2"));
}

TEST_F(AttachedEndsTest, ANewerStreamOfAnInstanceReplacesTheOlder) {
  const PlayedHost older = Attach("h1");
  Join(older, "1", "room:a");
  const PlayedHost newer = Attach("h1");
  EXPECT_EQ(older.stream->end().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  EXPECT_EQ(newer.stream->last().terminate().reason(),
            v1::EXIT_REASON_HOST_LOST);
  // What the older one still says is too late, and so is its end.
  Say(older, {PushTo(1, "late")});
  Lose(older);
  Join(newer, "2", "room:a");
  EXPECT_EQ(Metric("aerie_broker_hosts"), 1);
}

TEST_F(AttachedEndsTest, ADrainingHostGetsNoNewChannelsAndLosesItsOwnEvenly) {
  constexpr int kChannels = 10;
  const PlayedHost h1 = Attach("h1");
  for (int i = 1; i <= kChannels; ++i) {
    Join(h1, absl::StrCat(i), absl::StrCat("room:", i));
  }
  const PlayedHost h2 = Attach("h2");
  Say(h1, {DrainFor(10'000)});
  EXPECT_THAT(Hear(h1), ElementsAre("draining"));
  In("11", "11", "room:11", "phx_join");
  EXPECT_THAT(Hear(h2), ElementsAre("join 11 room:11 {}"));
  Say(h2, {JoinOk(11)});
  Edge();
  size_t ended = 0;
  for (int second = 1; second <= 10; ++second) {
    Advance(1'000);
    std::vector<v1::HostFrame> answers;
    for (const std::string& line : Hear(h1)) {
      EXPECT_THAT(line, ::testing::HasSubstr(" draining room:"));
      ++ended;
    }
    EXPECT_EQ(ended, static_cast<size_t>(second));
  }
  EXPECT_THAT(Edge(), SizeIs(2 * kChannels)) << "delist and crash of each";
  for (int i = 1; i < kChannels; ++i) Say(h1, {Terminates(i)});
  EXPECT_THAT(Hear(h1), IsEmpty());
  Say(h1, {Terminates(kChannels)});
  EXPECT_THAT(Hear(h1), ElementsAre("drained"));
}

TEST_F(AttachedEndsTest, ADrainWithoutChannelsIsOverAtOnce) {
  const PlayedHost host = Attach("h1");
  Say(host, {DrainFor(10'000), DrainFor(0)});
  EXPECT_THAT(Hear(host), ElementsAre("draining", "drained"));
  In("1", "1", "room:a", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:a unavailable 1/1"));
}

TEST_F(AttachedEndsTest, AJoinThatADrainOvertakesIsEndedAtItsEnd) {
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  Hear(host);
  Say(host, {DrainFor(0)});
  EXPECT_THAT(Edge(), ElementsAre("1 room:b unavailable 2/2"));
  EXPECT_THAT(Hear(host), ElementsAre("draining"));
  Say(host, {JoinOk(1)});
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 draining room:a {}"));
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a join_reply 1/1 ok {}",
                          "1 room:a enlist 1 pid=1 group=0",
                          "1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  Say(host, {Terminates(1)});
  EXPECT_THAT(Hear(host), ElementsAre("drained"));
}

TEST_F(AttachedEndsTest, TheBrokersDrainWaitsForWhatHostsOwe) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  bool shards_done = false;
  bool hosts_done = false;
  shards().Drain([&] {
    shards_done = true;
    hosts().AwaitTerminates([&] { hosts_done = true; });
  });
  Run();
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 draining room:a {}"));
  Advance(5'000);
  EXPECT_TRUE(shards_done);
  EXPECT_FALSE(hosts_done);
  Say(host, {Terminates(1)});
  EXPECT_TRUE(hosts_done);
}

TEST_F(AttachedEndsTest, NothingIsLeftOfManyChannelsThatCameAndWent) {
  UseShards(3);
  const PlayedHost h1 = Attach("h1");
  const PlayedHost h2 = Attach("h2");
  for (int i = 0; i < 60; ++i) {
    const SocketPtr socket = MakeSocket(10 + i);
    InOf(socket, "1", "1", absl::StrCat("room:", i), "phx_join");
    for (const PlayedHost* host : {&h1, &h2}) {
      for (const std::string& line : Hear(*host)) {
        ASSERT_THAT(line, ::testing::StartsWith("join "));
        Say(*host, {JoinOk(host->stream->last().channel())});
      }
    }
    Gone(socket, i % 2 == 0 ? ExitReason::kClosed : ExitReason::kEdgeLost);
    for (const PlayedHost* host : {&h1, &h2}) {
      if (Hear(*host).empty()) continue;
      Say(*host, {Terminates(host->stream->last().channel())});
    }
  }
  EXPECT_EQ(Metric("aerie_broker_channels"), 0);
  EXPECT_EQ(Metric("aerie_broker_host_channels"), 0);
  EXPECT_EQ(Metric("aerie_broker_host_callbacks_in_flight"), 0);
  EXPECT_EQ(Kept(), 0);
}

}  // namespace
}  // namespace aerie::broker
