// How much an attached host is given at once, and which one of several.

#include <set>

#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/testing/attached_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AttachedCreditsTest : public AttachedFixture {};

TEST_F(AttachedCreditsTest, NoMoreCallbacksAreOutThanThereAreCredits) {
  const PlayedHost host = Attach("h1", {"room:*"}, 2);
  Join(host, "1", "room:a");
  for (const char* ref : {"2", "3", "4", "5"}) In("1", ref, "room:a", "said");
  EXPECT_THAT(Hear(host), SizeIs(2));
  EXPECT_EQ(Metric("aerie_broker_host_callbacks_in_flight"), 2);
  Say(host, {Done(1)});
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "4" {})"));
  Say(host, {Done(2)});
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "5" {})"));
  Say(host, {Done(1)});
  EXPECT_EQ(Metric("aerie_broker_host_callbacks_in_flight"), 0);
}

TEST_F(AttachedCreditsTest, ABusyChannelDoesNotKeepCreditsFromOthers) {
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  Join(host, "1", "room:a");
  Join(host, "2", "room:b");
  for (const char* ref : {"3", "4", "5"}) In("1", ref, "room:a", "said");
  In("2", "6", "room:b", "said");
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "3" {})"));
  Say(host, {Done(1)});
  Say(host, {Done(1)});
  EXPECT_THAT(Hear(host),
              ElementsAre(R"(in 1 said "4" {})", R"(in 2 said "6" {})"));
}

TEST_F(AttachedCreditsTest, CreditsAreSharedBetweenShards) {
  UseShards(4);
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  for (int i = 0; i < 8; ++i) {
    const std::string ref = absl::StrCat(i + 1);
    In(ref, ref, absl::StrCat("room:", i), "phx_join");
  }
  int joined = 0;
  for (; joined < 8; ++joined) {
    const std::vector<std::string> heard = Hear(host);
    ASSERT_THAT(heard, ElementsAre(HasSubstr("join "))) << joined;
    Say(host, {JoinOk(host.stream->last().channel())});
  }
  EXPECT_THAT(Hear(host), IsEmpty());
}

TEST_F(AttachedCreditsTest, AJoinWaitsForACreditAndThenIsUnavailable) {
  limits_.host_join_wait_ms = 5'000;
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  EXPECT_THAT(Hear(host), ElementsAre("join 1 room:a {}"));
  EXPECT_EQ(Metric("aerie_broker_host_joins_waiting"), 1);
  Advance(4'999);
  EXPECT_THAT(Edge(), IsEmpty());
  Advance(1);
  EXPECT_THAT(Edge(), ElementsAre("1 room:b unavailable 2/2"));
  EXPECT_EQ(Metric("aerie_broker_host_joins_waiting"), 0);
  Say(host, {JoinOk(1)});
  EXPECT_THAT(Hear(host), IsEmpty());
}

TEST_F(AttachedCreditsTest, OnlySoManyJoinsWait) {
  limits_.host_joins_waiting_max = 1;
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  In("3", "3", "room:c", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 room:c unavailable 3/3"));
  EXPECT_EQ(Metric("aerie_broker_host_joins_not_taken_total"), 1);
}

TEST_F(AttachedCreditsTest, AJoinThatWaitsIsUnavailableBeforeItsDeadline) {
  limits_.join_deadline_ms = 1'000;
  limits_.host_join_wait_ms = 5'000;
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  In("1", "1", "room:a", "phx_join");
  In("2", "2", "room:b", "phx_join");
  Hear(host);
  Advance(900);
  EXPECT_THAT(Edge(), ElementsAre("1 room:b unavailable 2/2"));
  Advance(100);
  EXPECT_THAT(Edge(), ElementsAre("1 room:a join_crashed 1/1"));
  Say(host, {JoinOk(1)});
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 killed room:a {}"));
  Say(host, {Terminates(1)});
  EXPECT_THAT(Hear(host), IsEmpty());
  EXPECT_EQ(host.host->channels(), 0u);
}

TEST_F(AttachedCreditsTest, AChannelThatIsNotHandledCrashesAfterItsQueue) {
  limits_.host_channel_queue_max = 2;
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  Join(host, "1", "room:a");
  for (const char* ref : {"2", "3", "4"}) In("1", ref, "room:a", "said");
  EXPECT_THAT(Edge(), IsEmpty());
  In("1", "5", "room:a", "said");
  EXPECT_THAT(Edge(),
              ElementsAre("1 room:a delist pid=1", "1 room:a exit 1/- crash"));
  EXPECT_EQ(Metric("aerie_broker_host_queues_exceeded_total"), 1);
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "2" {})"));
  Say(host, {Done(1)});
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 crash room:a {}"));
}

TEST_F(AttachedCreditsTest, ATerminateWaitsBehindTheChannelsEvents) {
  const PlayedHost host = Attach("h1", {"room:*"}, 1);
  Join(host, "1", "room:a");
  In("1", "2", "room:a", "said");
  In("1", "3", "room:a", "said");
  In("1", "4", "room:a", "phx_leave");
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "2" {})"));
  Say(host, {Done(1)});
  EXPECT_THAT(Hear(host), ElementsAre(R"(in 1 said "3" {})"));
  Say(host, {Done(1)});
  EXPECT_THAT(Hear(host), ElementsAre("terminate 1 left room:a {}"));
}

TEST_F(AttachedCreditsTest, AHostThatAnswersNothingForTooLongHangs) {
  const PlayedHost host = Attach("h1");
  Join(host, "1", "room:a");
  Advance(60'000);
  EXPECT_TRUE(host.stream->end().ok()) << "nothing is owed";
  In("1", "2", "room:a", "said");
  In("1", "3", "room:a", "said");
  Advance(29'000);
  Say(host, {Done(1)});
  Advance(29'000);
  EXPECT_TRUE(host.stream->end().ok());
  Advance(2'000);
  EXPECT_EQ(host.stream->end().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(AttachedCreditsTest, ATopicStaysWithOneOfSeveralHosts) {
  const PlayedHost h1 = Attach("h1");
  const PlayedHost h2 = Attach("h2");
  int first = 0;
  for (int topic = 0; topic < 40; ++topic) {
    std::set<size_t> places;
    for (int socket = 1; socket <= 3; ++socket) {
      InOf(MakeSocket(socket), "1", "1", absl::StrCat("room:", topic),
           "phx_join");
      const size_t at_h1 = Hear(h1).size();
      EXPECT_EQ(at_h1 + Hear(h2).size(), 1u);
      places.insert(at_h1);
    }
    EXPECT_THAT(places, SizeIs(1));
    first += static_cast<int>(*places.begin());
  }
  EXPECT_GT(first, 8);
  EXPECT_LT(first, 32);
}

TEST_F(AttachedCreditsTest, TheLeastLoadedHostGetsTheChannel) {
  v1::HostFrame registration = Registration("h1", {"room:*"}, 100);
  registration.mutable_registration()->mutable_patterns(0)->set_spread(
      v1::HostFrame::Pattern::SPREAD_LEAST_LOADED);
  const PlayedHost h1 = Attach(registration);
  registration.mutable_registration()->set_instance("h2");
  registration.mutable_registration()->set_capacity(200);
  const PlayedHost h2 = Attach(registration);
  for (int i = 0; i < 30; ++i) {
    const std::string ref = absl::StrCat(i + 1);
    In(ref, ref, absl::StrCat("room:", i), "phx_join");
  }
  EXPECT_THAT(Hear(h1), SizeIs(10));
  EXPECT_THAT(Hear(h2), SizeIs(20));
}

TEST_F(AttachedCreditsTest, TooManyHostsAreRefused) {
  limits_.hosts_max = 1;
  Attach("h1");
  const PlayedHost second = Attach("h2");
  EXPECT_FALSE(second.stream->attached());
  EXPECT_EQ(second.stream->end().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(AttachedCreditsTest, NobodyIsAttachedWhileTheBrokerDrains) {
  const PlayedHost first = Attach("h1");
  hosts().Drain();
  Run();
  EXPECT_THAT(Hear(first), ElementsAre("draining"));
  EXPECT_EQ(Attach("h2").stream->end().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace aerie::broker
