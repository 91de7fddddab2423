// What clients and brokers hear when the link is lost and comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "edge/socket/testing/edge_conversation.h"

namespace aerie::edge {
namespace {

using ::nlohmann::literals::operator""_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LinkLostTest : public EdgeConversation {
 protected:
  static Limits TestLimits() {
    Limits limits;
    limits.relink_joins_per_second = 2;
    return limits;
  }

  LinkLostTest() : EdgeConversation(TestLimits()) {}

  static void Join(Client& client, int ref) {
    client.Says(
        absl::StrCat("[\"", ref, "\",\"", ref, R"(","room:1","phx_join",{}])"));
  }
};

TEST_F(LinkLostTest, EveryJoinedTopicFails) {
  Client& client = Open();
  Enlist(client, "room:1", 7, "\"1\"");
  Enlist(client, "room:2", 8, "");
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), UnorderedElementsAre(
                                  R"(["1","1","room:1","phx_error",
                      {"reason":"channel_crash"}])"_json,
                                  R"([null,null,"room:2","phx_error",
                      {"reason":"channel_crash"}])"_json));
  EXPECT_EQ(client.transport.close_code(), 0);
}

TEST_F(LinkLostTest, EveryJoinedTopicFailsInTheOlderDialects) {
  Client& v1 = Open(v1::DIALECT_V1);
  Client& bridge = Open(v1::DIALECT_BRIDGE);
  Client& founding = Open(v1::DIALECT_FOUNDING);
  uint64_t pid = 0;
  for (Client* client : {&v1, &bridge, &founding}) {
    Enlist(*client, "room:1", ++pid, "");
  }
  table_.LinkLost();
  const nlohmann::json error = R"({"topic":"room:1","event":"phx_error",
      "ref":null,"payload":{"reason":"channel_crash"}})"_json;
  EXPECT_THAT(v1.Heard(), ElementsAre(error));
  EXPECT_THAT(bridge.Heard(), ElementsAre(error));
  EXPECT_THAT(founding.Heard(), ElementsAre(R"({"topic":"room:1",
      "event":"phx_error","ref":null,"payload":{}})"_json));
}

TEST_F(LinkLostTest, TopicsFailOnce) {
  Client& client = Open();
  Enlist(client, "room:1", 7);
  table_.LinkLost();
  client.Heard();
  table_.LinkLost();
  table_.LinkUp(2);
  Broadcast("room:1");
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(LinkLostTest, JoinWithoutAnswerIsUnavailable) {
  Client& client = Open();
  Join(client, 3);
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), ElementsAre(R"(["3","3","room:1","phx_reply",
      {"status":"error","response":{"reason":"unavailable"}}])"_json));
}

TEST_F(LinkLostTest, AnsweredJoinIsNotAnsweredAgain) {
  Client& client = Open();
  const v1::Message::Kind kinds[] = {
      v1::Message::KIND_JOIN_CRASHED,
      v1::Message::KIND_TOPIC_LIMIT,
      v1::Message::KIND_UNAVAILABLE,
      v1::Message::KIND_UNMATCHED,
  };
  int ref = 0;
  for (const v1::Message::Kind kind : kinds) {
    Join(client, ++ref);
    const std::string quoted = absl::StrCat("\"", ref, "\"");
    Tell(client, Reply(kind, "room:1", quoted, quoted));
  }
  Join(client, ++ref);
  v1::Message refused =
      Reply(v1::Message::KIND_JOIN_REPLY, "room:1", "\"5\"", "\"5\"");
  refused.set_status("error");
  Tell(client, refused);
  client.Heard();
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(LinkLostTest, JoinAnsweredButNotYetEnlistedFailsOnce) {
  Client& client = Open();
  Join(client, 3);
  Tell(client, Reply(v1::Message::KIND_JOIN_REPLY, "room:1", "\"3\"", "\"3\""));
  client.Heard();
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), ElementsAre(R"(["3","3","room:1","phx_error",
      {"reason":"channel_crash"}])"_json));
  table_.LinkUp(2);
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(LinkLostTest, EnlistedJoinFailsOnce) {
  Client& client = Open();
  Join(client, 3);
  Tell(client, Reply(v1::Message::KIND_JOIN_REPLY, "room:1", "\"3\"", "\"3\""));
  Enlist(client, "room:1", 7, "\"3\"");
  client.Heard();
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(LinkLostTest, ReplyToAnEventAnswersNoJoin) {
  Client& client = Open();
  Join(client, 3);
  Tell(client, Reply(v1::Message::KIND_REPLY, "room:1", "\"3\"", "\"3\""));
  client.Heard();
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(LinkLostTest, FoundingJoinOfAJoinedTopicIsAnEvent) {
  Client& client = Open(v1::DIALECT_FOUNDING);
  Enlist(client, "room:1", 7, "");
  client.Says(
      R"({"topic":"room:1","event":"phx_join","payload":{},"ref":"2"})");
  EXPECT_THAT(broker_.TakeFrames(), SizeIs(1));
  table_.LinkLost();
  EXPECT_THAT(client.Heard(), ElementsAre(R"({"topic":"room:1",
      "event":"phx_error","ref":null,"payload":{}})"_json));
}

TEST_F(LinkLostTest, EdgeAnswersAlone) {
  Client& client = Open();
  table_.LinkLost();
  client.Says(R"([null,"1","phoenix","heartbeat",{}])");
  client.Says(R"(["2","2","room:1","phx_join",{}])");
  client.Says(R"(["2","3","room:1","phx_leave",{}])");
  client.Says(R"(["2","4","room:1","shout",{}])");
  client.Says(R"([null,"5",5,"phx_join",{}])");
  EXPECT_THAT(client.Heard(),
              ElementsAre(
                  R"([null,"1","phoenix","phx_reply",
              {"status":"ok","response":{}}])"_json,
                  R"(["2","2","room:1","phx_reply",
              {"status":"error","response":{"reason":"unavailable"}}])"_json,
                  R"(["2","3","room:1","phx_reply",
              {"status":"ok","response":{}}])"_json,
                  R"([null,"4","room:1","phx_reply",{"status":"error",
              "response":{"reason":"unmatched topic"}}])"_json,
                  R"([null,"5",5,"phx_reply",{"status":"error",
              "response":{"reason":"unmatched topic"}}])"_json));
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
}

TEST_F(LinkLostTest, EdgeAnswersAFoundingClientAlone) {
  Client& client = Open(v1::DIALECT_FOUNDING);
  table_.LinkLost();
  client.Says(
      R"({"topic":"room:1","event":"phx_join","payload":{},"ref":"1"})");
  EXPECT_THAT(client.Heard(), ElementsAre(R"({"topic":"room:1",
      "event":"phx_error","ref":null,"payload":{}})"_json));
  client.Says(R"({"topic":"room:1","event":"shout","payload":{},"ref":"2"})");
  client.Says(
      R"({"topic":"room:1","event":"phx_leave","payload":{},"ref":"3"})");
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(LinkLostTest, NothingOfAnEndedLinkIsApplied) {
  Client& client = Open();
  table_.LinkLost();
  Tell(client, Closed("room:1", "\"1\""));
  Enlist(client, "room:1", 7);
  table_.LinkUp(2);
  Broadcast("room:1");
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(LinkLostTest, SocketResumesBeforeItsFirstFrame) {
  Client& client = Open();
  table_.LinkLost();
  table_.LinkUp(2);
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
  client.Says(R"([null,"1","room:1","shout",{}])");
  client.Says(R"([null,"2","room:1","shout",{}])");
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[0].socket(), client.number);
  EXPECT_EQ(frames[0].resume().blob(), "blob");
  EXPECT_EQ(frames[1].message().ref(), "\"1\"");
  EXPECT_EQ(frames[2].message().ref(), "\"2\"");
}

TEST_F(LinkLostTest, ARenewedBlobIsTheOneToResumeWith) {
  Client& client = Open();
  const SocketNumber opening = Connect();
  Opened(opening);
  for (const SocketNumber number : {client.number, opening, opening + 1}) {
    v1::BrokerFrame renewed = Frame(number);
    renewed.mutable_renewed()->set_resume_blob("newer");
    table_.Apply(renewed);
  }
  Client late;
  late.socket = &table_.Open(opening, late.transport);
  table_.LinkLost();
  table_.LinkUp(2);
  broker_.TakeFrames();
  for (Client* one : {&client, &late}) {
    one->Says(R"([null,"1","phoenix","heartbeat",{}])");
    EXPECT_EQ(broker_.TakeFrames()[0].resume().blob(), "newer");
  }
}

TEST_F(LinkLostTest, HeartbeatResumesToo) {
  Client& client = Open();
  table_.LinkLost();
  table_.LinkUp(2);
  client.Says(R"([null,"1","phoenix","heartbeat",{}])");
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_TRUE(frames[0].has_resume());
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(LinkLostTest, EveryLinkNeedsItsResume) {
  Client& client = Open();
  for (uint64_t epoch = 2; epoch < 5; ++epoch) {
    table_.LinkLost();
    table_.LinkUp(epoch);
    client.Says(R"([null,"1","phoenix","heartbeat",{}])");
    EXPECT_THAT(broker_.TakeFrames(), SizeIs(1));
  }
  table_.Tick();
  EXPECT_EQ(metrics_.resumes.Value(), 3);
}

TEST_F(LinkLostTest, BrokerThatDoesNotKnowASocketIsNotToldOfItsEnd) {
  Client& client = Open();
  table_.LinkLost();
  table_.LinkUp(2);
  client.socket->OnClosed();
  EXPECT_THAT(broker_.TakeFrames(), IsEmpty());
}

TEST_F(LinkLostTest, SocketAnsweredOnTheOldLinkResumesOnTheNewOne) {
  const SocketNumber number = Connect();
  Opened(number);
  table_.LinkLost();
  table_.LinkUp(2);
  FakeTransport transport;
  Socket& socket = table_.Open(number, transport);
  socket.OnFrame(phoenix::Opcode::kText, R"([null,"1","room:1","shout",{}])");
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_TRUE(frames[0].has_resume());
}

TEST_F(LinkLostTest, NewLinkWithoutWordOfTheLossEndsTheOldOne) {
  Client& client = Open();
  Enlist(client, "room:1", 7);
  table_.LinkUp(2);
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(LinkLostTest, JoinsArePacedAfterARelink) {
  Client& client = Open();
  table_.LinkLost();
  table_.LinkUp(2);
  for (int ref = 1; ref <= 3; ++ref) Join(client, ref);
  EXPECT_THAT(client.Heard(), ElementsAre(R"(["3","3","room:1","phx_reply",
      {"status":"error","response":{"reason":"unavailable"}}])"_json));
  EXPECT_THAT(broker_.TakeFrames(), SizeIs(1 + 2)) << "Resume, two joins";
  clock_.AdvanceMs(60'000);
  for (int ref = 4; ref <= 13; ++ref) Join(client, ref);
  EXPECT_THAT(broker_.TakeFrames(), SizeIs(10));
  table_.Tick();
  EXPECT_EQ(metrics_.joins_paced.Value(), 1);
}

TEST_F(LinkLostTest, OtherEventsAreNotPaced) {
  Client& client = Open();
  table_.LinkLost();
  table_.LinkUp(2);
  for (int i = 0; i < 10; ++i) {
    client.Says(R"([null,"1","room:1","shout",{}])");
  }
  EXPECT_THAT(broker_.TakeFrames(), SizeIs(1 + 10));
  EXPECT_THAT(client.Heard(), IsEmpty());
}

}  // namespace
}  // namespace aerie::edge
