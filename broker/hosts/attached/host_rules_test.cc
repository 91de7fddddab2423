#include "broker/hosts/attached/host_rules.h"

#include <string>

#include "broker/hosts/attached/testing/host_frames.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

std::string WhyNot(const v1::HostFrame::Registration& registration) {
  return CheckRegistration(registration, Limits()).status().ToString();
}

std::string WhyNot(const v1::HostFrame& frame, const Limits& limits = {}) {
  return CheckHostFrame(frame, limits).ToString();
}

TEST(HostRulesTest, ARegistrationBecomesARecord) {
  v1::HostFrame frame = Registration("h1", {"room:*"});
  v1::HostFrame::Registration& registration = *frame.mutable_registration();
  registration.mutable_patterns(0)->add_intercepts("tick");
  const auto record = CheckRegistration(registration, Limits());
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->instance, "h1");
  EXPECT_EQ(record->capacity, 1'024u);
  ASSERT_NE(record->Find("room:*"), nullptr);
  EXPECT_THAT(record->Find("room:*")->intercepts,
              ::testing::ElementsAre("tick"));
  EXPECT_EQ(record->Find("room:a"), nullptr);
}

TEST(HostRulesTest, TheBrokerBoundsTheCapacity) {
  Limits limits;
  limits.host_capacity_max = 10;
  EXPECT_EQ(
      CheckRegistration(Registration("h1", {"*"}, 11).registration(), limits)
          ->capacity,
      10u);
}

TEST(HostRulesTest, AnotherMajorVersionIsRefused) {
  v1::HostFrame frame = Registration("h1", {"room:*"});
  frame.mutable_registration()->set_major(2);
  EXPECT_THAT(WhyNot(frame.registration()), HasSubstr("FAILED_PRECONDITION"));
  EXPECT_THAT(WhyNot(frame.registration()),
              HasSubstr("speaks version 1.0 of ChannelHost, the host 2.0"));
}

TEST(HostRulesTest, WhatCannotBeRegistered) {
  const auto why = [](const std::vector<std::string>& patterns) {
    return WhyNot(Registration("h1", patterns).registration());
  };
  EXPECT_THAT(why({"a*b"}), HasSubstr("pattern `a*b`: expected"));
  EXPECT_THAT(why({""}), HasSubstr("pattern ``: expected"));
  EXPECT_THAT(why({"a", "a"}), HasSubstr("`a` stands twice"));
  EXPECT_THAT(why({}), HasSubstr("nothing to do"));
  EXPECT_THAT(why(std::vector<std::string>(257, "a")),
              HasSubstr("more than 256 patterns"));
  EXPECT_THAT(why({std::string(1'025, 'a')}),
              HasSubstr("pattern of more than 1024 bytes"));
  EXPECT_THAT(WhyNot(Registration("", {"a"}).registration()),
              HasSubstr("instance"));
  EXPECT_THAT(WhyNot(Registration(std::string(129, 'x'), {"a"}).registration()),
              HasSubstr("instance"));
}

TEST(HostRulesTest, AHostForConnectNeedsNoPatterns) {
  v1::HostFrame frame = Registration("h1", {});
  frame.mutable_registration()->set_connect(true);
  EXPECT_EQ(WhyNot(frame.registration()), "OK");
}

TEST(HostRulesTest, PayloadsAreCheckedOnce) {
  EXPECT_EQ(WhyNot(PushTo(1, "a", "{}")), "OK");
  EXPECT_EQ(WhyNot(PushTo(1, "a")), "OK");
  EXPECT_EQ(WhyNot(ReplyTo(1, "\"1\"", "[1]")), "OK");
  EXPECT_THAT(WhyNot(PushTo(1, "a", "[1]")), HasSubstr("not an object"));
  EXPECT_THAT(WhyNot(PushTo(1, "a", "{\"a\":}")),
              HasSubstr("INVALID_ARGUMENT: push, channel 1: payload: "));
  EXPECT_THAT(WhyNot(ReplyTo(1, "\"1\"", "nope")), HasSubstr("payload"));
  EXPECT_THAT(WhyNot(JoinOk(1, "{")), HasSubstr("join_reply, channel 1"));
  Limits limits;
  limits.max_frame_size = 5;
  EXPECT_THAT(WhyNot(PushTo(1, "a", "{\"a\":1}"), limits),
              HasSubstr("payload of more than 5 bytes"));
}

TEST(HostRulesTest, ARefIsWhatTheEventCarried) {
  EXPECT_EQ(WhyNot(ReplyTo(1, "7")), "OK");
  EXPECT_EQ(WhyNot(ReplyTo(1, "")), "OK");
  EXPECT_THAT(WhyNot(ReplyTo(1, R"(1,"x",)")), HasSubstr("ref"));
  v1::HostFrame reply = ReplyTo(1, "7");
  reply.mutable_reply()->set_status(std::string(129, 's'));
  EXPECT_THAT(WhyNot(reply), HasSubstr("status"));
}

TEST(HostRulesTest, NamesOfTheChannelLayerAreReserved) {
  EXPECT_EQ(WhyNot(PushTo(1, "presence_diff")), "OK");
  EXPECT_THAT(WhyNot(PushTo(1, "phx_reply")), HasSubstr("reserved"));
  EXPECT_THAT(WhyNot(BroadcastFrom(1, "phx_close")), HasSubstr("reserved"));
}

TEST(HostRulesTest, AFrameOfAChannelNamesIt) {
  EXPECT_THAT(WhyNot(PushTo(0, "a")), HasSubstr("of no channel"));
  EXPECT_THAT(WhyNot(BroadcastFrom(0, "a")), HasSubstr("of no channel"));
  EXPECT_EQ(WhyNot(BroadcastFrom(0, "a", "room:a")), "OK");
  EXPECT_EQ(WhyNot(Done(1)), "OK");
}

TEST(HostRulesTest, WhatEndsAChannelIsOneOfFour) {
  EXPECT_EQ(WhyNot(StopWith(1, v1::EXIT_REASON_CRASH)), "OK");
  EXPECT_THAT(WhyNot(StopWith(1, v1::EXIT_REASON_UNSPECIFIED)),
              HasSubstr("not one to stop with"));
  EXPECT_THAT(WhyNot(StopWith(1, v1::EXIT_REASON_LEFT)),
              HasSubstr("not one to stop with"));
}

TEST(HostRulesTest, AssignsAreAnObjectOfSoManyBytes) {
  EXPECT_EQ(WhyNot(Assigns(1, "{}")), "OK");
  EXPECT_THAT(WhyNot(Assigns(1, "")), HasSubstr("no assigns"));
  EXPECT_THAT(WhyNot(Assigns(1, "[]")), HasSubstr("not an object"));
  EXPECT_THAT(WhyNot(Assigns(1, "{")), HasSubstr("assigns: "));
  EXPECT_THAT(WhyNot(Assigns(1, std::string(65'537, ' '))),
              HasSubstr("more than 65536 bytes"));
  v1::HostFrame connect = ConnectOk(1, "users:1");
  EXPECT_EQ(WhyNot(connect), "OK");
  connect.mutable_connect_reply()->set_assigns(std::string(3'073, ' '));
  EXPECT_THAT(WhyNot(connect), HasSubstr("more than 3072 bytes"));
}

TEST(HostRulesTest, OtherThingsThatNoHostSays) {
  EXPECT_THAT(WhyNot(Registration("h1", {"a"})),
              HasSubstr("a second Registration"));
  EXPECT_THAT(WhyNot(Done(0)), HasSubstr("nothing is done"));
  EXPECT_THAT(WhyNot(SendTo(0, "a")), HasSubstr("receiver"));
  EXPECT_THAT(WhyNot(Disconnects("")), HasSubstr("socket_id"));
  EXPECT_THAT(WhyNot(ConnectRefused(1, 200)), HasSubstr("status 200"));
  EXPECT_EQ(WhyNot(ConnectRefused(1, 429)), "OK");
  EXPECT_EQ(WhyNot(v1::HostFrame()), "OK") << "of a later minor version";
}

}  // namespace
}  // namespace aerie::broker
