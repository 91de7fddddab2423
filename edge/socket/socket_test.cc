#include "edge/socket/socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "edge/socket/testing/edge_conversation.h"
#include "proto/aerie/v1/credit.h"

namespace aerie::edge {
namespace {

using ::nlohmann::literals::operator""_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SocketTest : public EdgeConversation {
 protected:
  explicit SocketTest(const Limits& limits = {}) : EdgeConversation(limits) {}
};

TEST_F(SocketTest, ClientsMessageGoesToTheBroker) {
  Client& client = Open();
  client.Says(R"(["1","2","room:1","shout",{"a":[1, 2]}])");
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_EQ(frames[0].socket(), client.number);
  const v1::Message& message = frames[0].message();
  EXPECT_EQ(message.kind(), v1::Message::KIND_CLIENT);
  EXPECT_EQ(message.topic(), "room:1");
  EXPECT_EQ(message.event(), "shout");
  EXPECT_EQ(message.json(), R"({"a":[1, 2]})");
  EXPECT_EQ(message.ref(), "\"2\"");
  EXPECT_EQ(message.join_ref(), "\"1\"");
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(SocketTest, BrokersMessageGoesToTheClient) {
  Client& client = Open();
  v1::Message push;
  push.set_kind(v1::Message::KIND_PUSH);
  push.set_topic("room:1");
  push.set_event("hello");
  push.set_json(R"({"a":1})");
  push.set_join_ref("\"1\"");
  Tell(client, push);
  EXPECT_THAT(client.Heard(),
              ElementsAre(R"(["1",null,"room:1","hello",{"a":1}])"_json));
}

TEST_F(SocketTest, HeartbeatIsAnsweredHere) {
  Client& client = Open();
  client.Says(R"([null,"7","phoenix","heartbeat",{}])");
  EXPECT_THAT(client.Heard(), ElementsAre(R"([null,"7","phoenix","phx_reply",
      {"status":"ok","response":{}}])"_json));
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
}

TEST_F(SocketTest, FoundingHeartbeatComesBackAsItIs) {
  Client& client = Open(v1::DIALECT_FOUNDING);
  client.Says(
      R"({"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"})");
  EXPECT_THAT(client.Heard(), ElementsAre(R"({"topic":"phoenix",
      "event":"heartbeat","payload":{},"ref":"7"})"_json));
}

TEST_F(SocketTest, OtherEventsOfTheHeartbeatsTopicGoToTheBroker) {
  Client& client = Open();
  client.Says(R"([null,"7","phoenix","hello",{}])");
  EXPECT_THAT(broker_.TakeFrames(), SizeIs(1));
}

TEST_F(SocketTest, UndecodableMessageEndsTheConnection) {
  Client& client = Open();
  client.Says("not json");
  EXPECT_EQ(client.transport.close_code(), 1011);
  client.Says(R"([null,"1","room:1","phx_join",{}])");
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty()) << "nothing is read after it";
  table_.Tick();
  EXPECT_EQ(metrics_.closes_malformed.Value(), 1);
}

TEST_F(SocketTest, TopicThatIsNoStringIsAnUnjoinedOne) {
  Client& client = Open();
  client.Says(R"([null,"1",5,"phx_join",{}])");
  client.Says(R"([null,"2",null,"shout",{}])");
  client.Says(R"(["9","3",[1],"phx_leave",{}])");
  EXPECT_THAT(client.Heard(), ElementsAre(R"([null,"1",5,"phx_reply",
                  {"status":"error","response":{"reason":"unmatched topic"}}]
                  )"_json,
                                          R"([null,"2",null,"phx_reply",
                  {"status":"error","response":{"reason":"unmatched topic"}}]
                  )"_json,
                                          R"(["9","3",[1],"phx_reply",
                  {"status":"ok","response":{}}])"_json));
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
}

TEST_F(SocketTest, EventThatIsNoStringGoesToTheBroker) {
  Client& client = Open();
  client.Says(R"([null,"1","room:1",5,{}])");
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_TRUE(frames[0].message().event_is_json());
}

TEST_F(SocketTest, MessageThatADialectCannotCarryIsSkipped) {
  Client& client = Open(v1::DIALECT_V1);
  v1::Message push;
  push.set_kind(v1::Message::KIND_PUSH);
  push.set_topic("room:1");
  push.set_event("blob");
  push.set_binary("\x01");
  Tell(client, push);
  EXPECT_THAT(client.transport.TakeFrames(), IsEmpty());
  EXPECT_EQ(client.transport.close_code(), 0);
  table_.Tick();
  EXPECT_EQ(metrics_.encode_skips.Value(), 1);
  EXPECT_EQ(metrics_.messages_out.Value(), 0);
}

TEST_F(SocketTest, GoneIsToldWhenTheConnectionHasEnded) {
  Client& client = Open();
  Enlist(client, "room:1", 7);
  client.socket->OnClosed();
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_EQ(frames[0].socket(), client.number);
  EXPECT_TRUE(frames[0].has_gone());
  EXPECT_EQ(table_.size(), 0u);
  Broadcast("room:1");
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(SocketTest, WhatTheBrokerSaysToAGoneSocketIsDropped) {
  Client& client = Open();
  client.socket->OnClosed();
  Tell(client, Closed("room:1", "\"1\""));
  Enlist(client, "room:1", 7);
  Delist(client, "room:1", 7);
  EndByBroker(client.number, 1001);
  Broadcast("room:1");
  EXPECT_THAT(client.Heard(), IsEmpty());
}

// The broker takes the old channel out before it asks for the new one, but a
// late Delist must do no harm either.
class SecondJoinTest : public SocketTest,
                       public ::testing::WithParamInterface<bool> {};

TEST_P(SecondJoinTest, OldChannelsEndLeavesTheNewOneIn) {
  Client& client = Open();
  Enlist(client, "room:1", 7, "\"1\"");
  client.Says(R"(["4","4","room:1","phx_join",{}])");
  const bool delisted_first = GetParam();
  if (delisted_first) Delist(client, "room:1", 7);
  Tell(client, Reply(v1::Message::KIND_JOIN_REPLY, "room:1", "\"4\"", "\"4\""));
  Enlist(client, "room:1", 8, "\"4\"");
  Tell(client, Closed("room:1", "\"1\""));
  if (!delisted_first) Delist(client, "room:1", 7);
  EXPECT_THAT(client.Heard(),
              ElementsAre(R"(["4","4","room:1","phx_reply",
                  {"status":"ok","response":{}}])"_json,
                          R"(["1","1","room:1","phx_close",{}])"_json));
  Broadcast("room:1");
  EXPECT_THAT(client.Heard(),
              ElementsAre(R"([null,null,"room:1","new",{}])"_json));
  Broadcast("room:1", /*except=*/8);
  EXPECT_THAT(client.Heard(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(DelistFirstOrLast, SecondJoinTest, ::testing::Bool());

TEST_F(SocketTest, DelistedChannelHearsNoMore) {
  Client& client = Open();
  Enlist(client, "room:1", 7);
  Enlist(client, "room:2", 8);
  Delist(client, "room:1", 7);
  Broadcast("room:1");
  Broadcast("room:2");
  EXPECT_THAT(client.Heard(),
              ElementsAre(R"([null,null,"room:2","new",{}])"_json));
}

TEST_F(SocketTest, UnknownPidIsNotDelisted) {
  Client& client = Open();
  Enlist(client, "room:1", 7);
  Delist(client, "room:1", 8);
  Broadcast("room:1");
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(SocketTest, ChannelEnlistedAgainChangesItsGroup) {
  Client& client = Open();
  Enlist(client, "room:1", 7, "\"1\"", /*group=*/0);
  Enlist(client, "room:1", 7, "\"1\"", /*group=*/2);
  Broadcast("room:1", 0, /*groups=*/1 << 0);
  EXPECT_THAT(client.Heard(), IsEmpty());
  Broadcast("room:1", 0, /*groups=*/1 << 2);
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(SocketTest, JoinWithEndlessNamesEndsTheConnection) {
  Client& client = Open();
  client.Says(absl::StrCat(R"(["1","1","room:)", std::string(20'000, 'x'),
                           R"(","phx_join",{}])"));
  EXPECT_EQ(client.transport.close_code(), 1009);
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
}

class FlowControlTest : public SocketTest {
 protected:
  static Limits TestLimits() {
    Limits limits;
    limits.socket_in_flight_frames_max = 3;
    limits.socket_in_flight_bytes_max = 1'000;
    return limits;
  }

  FlowControlTest() : SocketTest(TestLimits()) {}

  // Says something to the broker; returns what it weighs.
  uint64_t Send(Client& client, size_t payload_bytes = 0) {
    client.Says(absl::StrCat(R"([null,null,"room:1","shout",")",
                             std::string(payload_bytes, 'x'), "\"]"));
    const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
    return frames.size() == 1 ? v1::CreditBytes(frames[0].message()) : 0;
  }

  void Credit(const Client& client, uint32_t frames, uint64_t bytes) {
    v1::BrokerFrame frame = Frame(client.number);
    frame.mutable_credit()->set_frames(frames);
    frame.mutable_credit()->set_bytes(bytes);
    table_.Apply(frame);
  }
};

TEST_F(FlowControlTest, SocketIsNotReadWithoutFramesLeft) {
  Client& client = Open();
  Client& other = Open();
  const uint64_t bytes = Send(client);
  EXPECT_GT(bytes, 0u);
  Send(client);
  EXPECT_FALSE(client.transport.paused());
  EXPECT_EQ(Send(client), bytes) << "the last frame goes too";
  EXPECT_TRUE(client.transport.paused());
  EXPECT_FALSE(other.transport.paused());
  Credit(client, 1, bytes);
  EXPECT_FALSE(client.transport.paused());
}

TEST_F(FlowControlTest, SocketIsNotReadWithoutBytesLeft) {
  Client& client = Open();
  const uint64_t small = Send(client);
  EXPECT_FALSE(client.transport.paused());
  const uint64_t large = Send(client, 5'000);
  EXPECT_GT(large, 5'000u) << "one larger frame may pass";
  EXPECT_TRUE(client.transport.paused());
  Credit(client, 1, small);
  EXPECT_TRUE(client.transport.paused());
  Credit(client, 1, large);
  EXPECT_FALSE(client.transport.paused());
}

TEST_F(FlowControlTest, HeartbeatsCostNoCredit) {
  Client& client = Open();
  for (int i = 0; i < 10; ++i) {
    client.Says(R"([null,"7","phoenix","heartbeat",{}])");
  }
  EXPECT_FALSE(client.transport.paused());
}

TEST_F(FlowControlTest, MoreCreditThanIsOwedCountsForNothing) {
  Client& client = Open();
  Credit(client, 100, 1'000'000);
  for (int i = 0; i < 3; ++i) Send(client);
  EXPECT_TRUE(client.transport.paused());
}

TEST_F(FlowControlTest, LostLinkFreesTheSocket) {
  Client& client = Open();
  for (int i = 0; i < 3; ++i) Send(client);
  table_.Tick();
  EXPECT_EQ(metrics_.sockets_paused.Value(), 1);
  EXPECT_EQ(metrics_.pauses.Value(), 1);
  table_.LinkLost();
  EXPECT_FALSE(client.transport.paused());
  table_.Tick();
  EXPECT_EQ(metrics_.sockets_paused.Value(), 0);
  table_.LinkUp(2);
  client.Says(R"([null,null,"room:1","shout",{}])");
  client.Says(R"([null,null,"room:1","shout",{}])");
  EXPECT_FALSE(client.transport.paused());
  client.Says(R"([null,null,"room:1","shout",{}])");
  EXPECT_TRUE(client.transport.paused());
}

TEST_F(FlowControlTest, PausedSocketThatGoesIsCountedNoMore) {
  Client& client = Open();
  for (int i = 0; i < 3; ++i) Send(client);
  client.socket->OnClosed();
  table_.Tick();
  EXPECT_EQ(metrics_.sockets_paused.Value(), 0);
  EXPECT_EQ(metrics_.sockets.Value(), 0);
}

class PendingJoinsTest : public SocketTest {
 protected:
  static Limits TestLimits() {
    Limits limits;
    limits.socket_joins_bytes_max = 1'000;
    return limits;
  }

  PendingJoinsTest() : SocketTest(TestLimits()) {}
};

TEST_F(PendingJoinsTest, EndlessUnansweredJoinsEndTheConnection) {
  Client& client = Open();
  for (int i = 0; i < 100 && client.transport.close_code() == 0; ++i) {
    client.Says(absl::StrCat("[\"1\",\"", i, R"(","room:1","phx_join",{}])"));
  }
  EXPECT_EQ(client.transport.close_code(), 1008);
}

TEST_F(PendingJoinsTest, RefusedAndEnlistedJoinsAreForgotten) {
  Client& client = Open();
  for (int i = 0; i < 100; ++i) {
    const std::string ref = absl::StrCat("\"", i, "\"");
    client.Says(
        absl::StrCat("[", ref, ",", ref, R"(,"room:1","phx_join",{}])"));
    v1::Message reply = Reply(v1::Message::KIND_JOIN_REPLY, "room:1", ref, ref);
    if (i % 2 == 0) reply.set_status("error");
    Tell(client, reply);
    if (i % 2 != 0) Enlist(client, "room:1", i, ref);
  }
  EXPECT_EQ(client.transport.close_code(), 0);
}

}  // namespace
}  // namespace aerie::edge
