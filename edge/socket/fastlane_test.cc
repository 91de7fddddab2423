#include "edge/socket/fastlane.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "edge/socket/testing/fake_transport.h"

namespace aerie::edge {
namespace {

using SeatPtr = std::unique_ptr<Fastlane::Seat>;

class FastlaneTest : public ::testing::Test {
 protected:
  SeatPtr Enlist(uint64_t pid, FakeTransport& transport, uint32_t group = 0,
                 v1::Dialect dialect = v1::DIALECT_V2,
                 const std::string& topic = "room:1") {
    v1::Enlist enlist;
    enlist.set_topic(topic);
    enlist.set_pid(pid);
    enlist.set_group(group);
    enlist.set_join_ref("\"1\"");
    return fastlane_.Enlist(enlist, dialect, transport);
  }

  static v1::Fanout ToGroups(uint32_t groups) {
    v1::Fanout fanout;
    fanout.set_groups(groups);
    fanout.mutable_message()->set_kind(v1::Message::KIND_BROADCAST);
    fanout.mutable_message()->set_topic("room:1");
    fanout.mutable_message()->set_event("new");
    fanout.mutable_message()->set_json("{\"n\":1}");
    return fanout;
  }

  static size_t Frames(FakeTransport& transport) {
    return transport.TakeFrames().size();
  }

  Fastlane fastlane_;
};

TEST_F(FastlaneTest, SeatKnowsItsChannel) {
  FakeTransport transport;
  const SeatPtr seat = Enlist(7, transport);
  EXPECT_EQ(seat->topic(), "room:1");
  EXPECT_EQ(seat->pid(), 7u);
  EXPECT_EQ(seat->join_ref(), "\"1\"");
}

TEST_F(FastlaneTest, EveryMemberHearsTheSameBytesOfItsDialect) {
  FakeTransport founding[2], v1[2], v2[2], bridge[2];
  std::vector<SeatPtr> seats;
  uint64_t pid = 0;
  for (int i = 0; i < 2; ++i) {
    seats.push_back(Enlist(++pid, founding[i], 0, v1::DIALECT_FOUNDING));
    seats.push_back(Enlist(++pid, v1[i], 0, v1::DIALECT_V1));
    seats.push_back(Enlist(++pid, v2[i], 0, v1::DIALECT_V2));
    seats.push_back(Enlist(++pid, bridge[i], 0, v1::DIALECT_BRIDGE));
  }
  EXPECT_EQ(fastlane_.Send(ToGroups(1)).deliveries, 8u);
  for (FakeTransport* pair : {founding, v1, v2, bridge}) {
    const std::vector<phoenix::Frame> first = pair[0].TakeFrames();
    const std::vector<phoenix::Frame> second = pair[1].TakeFrames();
    ASSERT_EQ(first.size(), 1u);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(first[0].bytes, second[0].bytes) << "not the same object";
  }
}

TEST_F(FastlaneTest, DialectIsEncodedOnceForAllGroups) {
  FakeTransport plain, intercepting;
  const SeatPtr first = Enlist(1, plain, 0);
  const SeatPtr second = Enlist(2, intercepting, 3);
  fastlane_.Send(ToGroups(1 << 0 | 1 << 3));
  EXPECT_EQ(plain.TakeFrames().at(0).bytes,
            intercepting.TakeFrames().at(0).bytes);
}

TEST_F(FastlaneTest, OnlyNamedGroupsHear) {
  FakeTransport zero, one, fifteen;
  const SeatPtr seats[] = {Enlist(1, zero, 0), Enlist(2, one, 1),
                           Enlist(3, fifteen, 15)};
  EXPECT_EQ(fastlane_.Send(ToGroups(1 << 0 | 1 << 15)).deliveries, 2u);
  EXPECT_EQ(Frames(zero), 1u);
  EXPECT_EQ(Frames(one), 0u);
  EXPECT_EQ(Frames(fifteen), 1u);
  EXPECT_EQ(fastlane_.Send(ToGroups(0)).deliveries, 0u);
}

TEST_F(FastlaneTest, ExceptedPidDoesNotHear) {
  FakeTransport sender, other;
  const SeatPtr seats[] = {Enlist(1, sender), Enlist(2, other)};
  v1::Fanout fanout = ToGroups(1);
  fanout.add_except(1);
  EXPECT_EQ(fastlane_.Send(fanout).deliveries, 1u);
  EXPECT_EQ(Frames(sender), 0u);
  EXPECT_EQ(Frames(other), 1u);
}

TEST_F(FastlaneTest, OtherTopicsDoNotHear) {
  FakeTransport transport;
  const SeatPtr seat =
      Enlist(1, transport, 0, v1::DIALECT_V2, /*topic=*/"room:2");
  EXPECT_EQ(fastlane_.Send(ToGroups(1)).deliveries, 0u);
  EXPECT_EQ(Frames(transport), 0u);
}

TEST_F(FastlaneTest, DialectThatCannotCarryABroadcastIsSkipped) {
  FakeTransport old_client, new_client;
  const SeatPtr seats[] = {Enlist(1, old_client, 0, v1::DIALECT_V1),
                           Enlist(2, new_client, 0, v1::DIALECT_V2)};
  v1::Fanout fanout = ToGroups(1);
  fanout.mutable_message()->set_binary("\x01\x02");
  const Fastlane::Outcome outcome = fastlane_.Send(fanout);
  EXPECT_EQ(outcome.deliveries, 1u);
  EXPECT_EQ(outcome.skipped, 1u);
  EXPECT_EQ(Frames(old_client), 0u);
  EXPECT_EQ(Frames(new_client), 1u);
}

TEST_F(FastlaneTest, TopicEndsWithItsLastMember) {
  FakeTransport transport;
  SeatPtr first = Enlist(1, transport);
  SeatPtr second = Enlist(2, transport, 1);
  EXPECT_EQ(fastlane_.topics(), 1u);
  fastlane_.Delist(std::move(first));
  EXPECT_EQ(fastlane_.topics(), 1u);
  fastlane_.Delist(std::move(second));
  EXPECT_EQ(fastlane_.topics(), 0u);
}

// Members change their places in a lane when others leave it; whoever is left
// must hear every broadcast once.
TEST_F(FastlaneTest, MembersComeAndGoInAnyOrder) {
  std::mt19937 random(20'150'401);
  std::vector<FakeTransport> transports(200);
  std::vector<SeatPtr> seats(transports.size());
  for (int round = 0; round < 50; ++round) {
    for (int change = 0; change < 40; ++change) {
      const size_t i = random() % seats.size();
      if (seats[i] == nullptr) {
        seats[i] = Enlist(i + 1, transports[i], random() % 3,
                          random() % 2 == 0 ? v1::DIALECT_V1 : v1::DIALECT_V2);
      } else {
        fastlane_.Delist(std::move(seats[i]));
      }
    }
    fastlane_.Send(ToGroups(0b111));
    for (size_t i = 0; i < seats.size(); ++i) {
      ASSERT_EQ(Frames(transports[i]), seats[i] == nullptr ? 0u : 1u)
          << "round " << round << " member " << i;
    }
  }
}

}  // namespace
}  // namespace aerie::edge
