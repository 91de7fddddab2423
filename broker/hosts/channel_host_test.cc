// Channels written in C++, behind real shards.

#include "broker/hosts/channel_host.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "broker/shard/testing/shards_fixture.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Does what the event says.
class Script final : public ChannelModule {
 public:
  JoinResult Join(ChannelContext& channel, const v1::Message& join) override {
    if (channel.topic() == "cc:throws") throw std::runtime_error("no");
    if (channel.topic() == "cc:broken") return JoinResult::Ok({"{"});
    if (channel.topic() == "cc:denied") {
      channel.Push("never");
      return JoinResult::Error({R"({"reason":"no"})"});
    }
    channel.Push("after", join);
    JoinResult result = JoinResult::Ok();
    if (channel.topic() == "cc:out") result.intercepts = {"tick", "stop"};
    return result;
  }

  void HandleIn(ChannelContext& channel, const v1::Message& message) override {
    const std::string& event = message.event();
    if (event == "count") {
      channel.Reply(message.ref(), "ok",
                    {absl::StrCat("{\"count\":", ++count_, "}")});
    } else if (event == "throw") {
      channel.Push("before");
      throw std::runtime_error("boom");
    } else if (event == "push list") {
      channel.Push("list", {"[1]"});
      channel.Push("never");
    } else if (event == "push broken") {
      channel.Broadcast("broken", {"{\"a\""});
    } else if (event == "reply list") {
      channel.Reply(message.ref(), "fine", {"[1]"});
    } else if (event == "stop") {
      channel.Stop(ExitReason::kStopShutdown);
      channel.Push("never");
    } else if (event == "stop bad") {
      channel.Reply(message.ref(), "error");
      channel.Stop(ExitReason::kKilled);
    } else if (event == "exit") {
      channel.Stop(ExitReason::kExitNormal);
    } else if (event == "later") {
      later = channel.remote();
    }
  }

  void HandleOut(ChannelContext& channel, const v1::Message& message) override {
    if (message.event() == "stop") return channel.Stop();
    ChannelModule::HandleOut(channel, message);
  }

  void HandleInfo(ChannelContext& channel,
                  const v1::Message& message) override {
    channel.Push(absl::StrCat("told ", message.event()), message);
  }

  void Terminate(ChannelContext& channel, ExitReason reason) override {
    channel.Push("bye",
                 {absl::StrCat("{\"why\":\"", ExitReasonName(reason), "\"}")});
  }

  static absl::optional<RemoteChannel> later;

 private:
  int count_ = 0;
};

absl::optional<RemoteChannel> Script::later;

class ChannelHostTest : public ShardsFixture {
 protected:
  ChannelHostTest() {
    Route("cc:*", std::make_shared<ChannelHost>(
                      [] { return std::make_unique<Script>(); }));
  }
  ~ChannelHostTest() override { Script::later.reset(); }

  void JoinA() {
    In("1", "1", "cc:a", "phx_join");
    Edge();
  }
};

TEST_F(ChannelHostTest, WhatJoinPushesFollowsItsReply) {
  In("1", "1", "cc:a", "phx_join", R"({"n":1})");
  EXPECT_THAT(Edge(), ElementsAre("1 cc:a join_reply 1/1 ok {}",
                                  "1 cc:a enlist 1 pid=1 group=0",
                                  R"(1 cc:a push 1/- after {"n":1})"));
}

TEST_F(ChannelHostTest, AMessageToTheChannelReachesItOnceItHasJoined) {
  JoinA();
  Host(1, Info{"so", {R"({"n":1})"}});
  EXPECT_THAT(Edge(), ElementsAre(R"(1 cc:a push 1/- told so {"n":1})"));
  Host(99, Info{"nobody", {}});
  EXPECT_THAT(Edge(), IsEmpty());
}

TEST_F(ChannelHostTest, ARefusedJoinDoesNothingElse) {
  In("1", "1", "cc:denied", "phx_join");
  EXPECT_THAT(
      Edge(),
      ElementsAre(R"(1 cc:denied join_reply 1/1 error {"reason":"no"})"));
}

TEST_F(ChannelHostTest, AJoinThatThrowsOrAnswersNonsenseCrashes) {
  In("1", "1", "cc:throws", "phx_join");
  In("2", "2", "cc:broken", "phx_join");
  EXPECT_THAT(Edge(), ElementsAre("1 cc:throws join_crashed 1/1",
                                  "1 cc:broken join_crashed 2/2"));
}

TEST_F(ChannelHostTest, AChannelRemembersItsOwnState) {
  JoinA();
  InOf(MakeSocket(2), "1", "1", "cc:a", "phx_join");
  Edge();
  In("1", "2", "cc:a", "count");
  In("1", "3", "cc:a", "count");
  InOf(MakeSocket(3), "1", "1", "cc:a", "count");
  EXPECT_THAT(Edge(), ElementsAre(R"(1 cc:a reply 1/2 ok {"count":1})",
                                  R"(1 cc:a reply 1/3 ok {"count":2})",
                                  "3 cc:a unmatched -/1"));
}

TEST_F(ChannelHostTest, AnExceptionCrashesTheChannelAndTerminatesIt) {
  JoinA();
  In("1", "2", "cc:a", "throw");
  EXPECT_THAT(Edge(),
              ElementsAre("1 cc:a push 1/- before {}",
                          R"(1 cc:a push 1/- bye {"why":"crash"})",
                          "1 cc:a delist pid=1", "1 cc:a exit 1/- crash"));
  In("3", "3", "cc:a", "phx_join");
  In("3", "4", "cc:a", "count");
  EXPECT_EQ(Edge().back(), R"(1 cc:a reply 3/4 ok {"count":1})");
}

TEST_F(ChannelHostTest, APushThatIsNoObjectCrashesTheChannel) {
  JoinA();
  In("1", "2", "cc:a", "push list");
  EXPECT_THAT(Edge(),
              ElementsAre(R"(1 cc:a push 1/- bye {"why":"crash"})",
                          "1 cc:a delist pid=1", "1 cc:a exit 1/- crash"));
}

TEST_F(ChannelHostTest, ABroadcastThatIsNoJsonCrashesTheChannel) {
  JoinA();
  In("1", "2", "cc:a", "push broken");
  EXPECT_EQ(Edge().back(), "1 cc:a exit 1/- crash");
}

TEST_F(ChannelHostTest, AReplyMayCarryAnyJson) {
  JoinA();
  In("1", "2", "cc:a", "reply list");
  EXPECT_THAT(Edge(), ElementsAre("1 cc:a reply 1/2 fine [1]"));
}

TEST_F(ChannelHostTest, AfterAGracefulStopTerminatePushesBehindTheClose) {
  JoinA();
  In("1", "2", "cc:a", "stop");
  EXPECT_THAT(Edge(), ElementsAre("1 cc:a delist pid=1",
                                  "1 cc:a exit 1/- graceful announced",
                                  R"(1 cc:a push 1/- bye {"why":"shutdown"})"));
}

TEST_F(ChannelHostTest, AnyOtherStopIsACrash) {
  JoinA();
  In("1", "2", "cc:a", "stop bad");
  EXPECT_THAT(Edge(),
              ElementsAre("1 cc:a reply 1/2 error {}",
                          R"(1 cc:a push 1/- bye {"why":"crash"})",
                          "1 cc:a delist pid=1", "1 cc:a exit 1/- crash"));
}

TEST_F(ChannelHostTest, AnExitThatIsNoStopIsNotAnnounced) {
  JoinA();
  In("1", "2", "cc:a", "exit");
  EXPECT_EQ(Edge().back(), "1 cc:a exit 1/- graceful");
}

TEST_F(ChannelHostTest, LeaveIsAnsweredBeforeTerminateRuns) {
  JoinA();
  In("1", "2", "cc:a", "phx_leave");
  EXPECT_THAT(Edge(),
              ElementsAre("1 cc:a delist pid=1", "1 cc:a leave_reply 1/2",
                          "1 cc:a exit 1/- graceful announced",
                          R"(1 cc:a push 1/- bye {"why":"left"})"));
}

TEST_F(ChannelHostTest, HandleOutPassesOnOrStops) {
  In("1", "1", "cc:out", "phx_join");
  Edge();
  ASSERT_TRUE(shards().Broadcast("cc:out", "tick", {R"({"t":1})"}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre(R"(1 cc:out push 1/- tick {"t":1})"));
  ASSERT_TRUE(shards().Broadcast("cc:out", "stop", {}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("1 cc:out delist pid=1",
                                  "1 cc:out exit 1/- graceful announced",
                                  R"(1 cc:out push 1/- bye {"why":"normal"})"));
}

TEST_F(ChannelHostTest, AnEventThatIsNoStringCrashesTheChannel) {
  JoinA();
  std::vector<SocketMessage> batch;
  batch.push_back(Message(socket_, "1", "2", "cc:a", "5"));
  batch.back().message.set_event_is_json(true);
  shards().In(std::move(batch));
  shards().RunUntilIdle();
  EXPECT_EQ(Edge().back(), "1 cc:a exit 1/- crash");
}

TEST_F(ChannelHostTest, AChannelCanActBeyondItsCallbacks) {
  JoinA();
  In("1", "2", "cc:a", "later");
  ASSERT_TRUE(Script::later.has_value());
  EXPECT_TRUE(Script::later->Push("tick", {}));
  EXPECT_TRUE(Script::later->Reply("\"2\"", "ok", {R"({"late":true})"}));
  EXPECT_FALSE(Script::later->Push("list", {"[1]"}));
  EXPECT_TRUE(Script::later->Stop());
  EXPECT_TRUE(Script::later->Push("after the end", {}));
  shards().RunUntilIdle();
  EXPECT_THAT(Edge(), ElementsAre("1 cc:a push 1/- tick {}",
                                  R"(1 cc:a reply 1/2 ok {"late":true})",
                                  "1 cc:a delist pid=1",
                                  "1 cc:a exit 1/- graceful announced",
                                  R"(1 cc:a push 1/- bye {"why":"normal"})"));
}

}  // namespace
}  // namespace aerie::broker
