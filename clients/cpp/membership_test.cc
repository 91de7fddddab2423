#include "clients/cpp/membership.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Runs channels on the test's own thread, and writes down what they say.
class FakeUplink final : public Uplink {
 public:
  void Say(v1::HostFrame frame) override {
    said_.push_back(frame.ShortDebugString());
  }
  void Schedule(std::shared_ptr<Membership> membership) override {
    scheduled_.push_back(std::move(membership));
  }
  void Forget(const Membership&) override { ++forgotten_; }
  bool lost() const override { return false; }
  const std::string& broker() const override { return broker_; }
  uint64_t payload_bytes_max() const override { return 1000; }
  Ends& ends() override { return ends_; }

  // What was said since.
  std::vector<std::string> Run() {
    while (!scheduled_.empty()) {
      const auto next = std::move(scheduled_.front());
      scheduled_.erase(scheduled_.begin());
      next->Run();
    }
    return std::exchange(said_, {});
  }
  int forgotten() const { return forgotten_; }

 private:
  const std::string broker_ = "b-1";
  Ends ends_{Clock::Real()};
  std::vector<std::shared_ptr<Membership>> scheduled_;
  std::vector<std::string> said_;
  int forgotten_ = 0;
};

class Room final : public Channel {
 public:
  JoinResult Join(const Payload& params) override {
    if (params.text() == R"({"no":1})") return JoinResult::Error();
    if (params.text() == R"({"throw":1})") throw std::runtime_error("asked");
    if (params.text() == R"({"early":1})") {
      EXPECT_EQ(Push("hi").code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_TRUE(SendSelf("self").ok());
      EXPECT_TRUE(Assign(R"({"user":"ann"})").ok());
      EXPECT_TRUE(Intercept({"secret"}).ok());
    }
    return JoinResult::Ok();
  }
  Result HandleIn(Event event) override {
    if (event.name == "echo") return Result::Ok(std::move(event.payload));
    if (event.name == "throw") throw 7;
    if (event.name == "bad") return Result::Ok(Payload::Json("{"));
    if (event.name == "stop") {
      return Result::StopWith(ExitReason::kStopNormal, "ok");
    }
    if (event.name == "reserved") {
      EXPECT_FALSE(Push("phx_close").ok());
      EXPECT_FALSE(Push("list", Payload::Json("[]")).ok());
      EXPECT_FALSE(Push("big", Payload::Bytes(std::string(1001, 'x'))).ok());
    }
    return Result::NoReply();
  }
  Next HandleInfo(const std::string& event, Payload) override {
    EXPECT_TRUE(Push(event).ok());
    return Next::Continue();
  }
  void Terminate(const End& end) override {
    EXPECT_TRUE(Broadcast("bye", Payload::Json(std::string("{\"why\":\"") +
                                               Name(end.reason) + "\"}"))
                    .ok());
  }
};

class MembershipTest : public ::testing::Test {
 protected:
  std::vector<std::string> Join(const std::string& params = "{}") {
    v1::ChannelFrame frame;
    frame.mutable_join()->mutable_payload()->set_json(params);
    return Deliver(std::move(frame));
  }
  std::vector<std::string> In(const std::string& event,
                              const std::string& payload = "{}") {
    return Deliver(InFrame(event, payload));
  }
  static v1::ChannelFrame InFrame(const std::string& event,
                                  const std::string& payload = "{}") {
    v1::ChannelFrame frame;
    frame.mutable_handle_in()->set_event(event);
    frame.mutable_handle_in()->mutable_payload()->set_json(payload);
    frame.mutable_handle_in()->set_ref("r");
    return frame;
  }
  static v1::ChannelFrame End(v1::ExitReason reason) {
    v1::ChannelFrame frame;
    frame.mutable_terminate()->set_reason(reason);
    frame.mutable_terminate()->set_event_id("e");
    return frame;
  }
  std::vector<std::string> Deliver(v1::ChannelFrame frame) {
    membership_->Deliver(std::move(frame));
    return uplink_->Run();
  }
  std::shared_ptr<Membership> Make(bool redelivered) {
    auto route = std::make_shared<Route>();
    route->pattern = "room:*";
    route->make = [] { return std::make_unique<Room>(); };
    return std::make_shared<Membership>(
        uplink_, Membership::Facts{.id = 1,
                                   .topic = "room:1",
                                   .socket = {},
                                   .route = route,
                                   .assigns = "{}",
                                   .redelivered = redelivered});
  }

  const std::string ok_ = "channel: 1 join_reply { ok: true payload { } }";
  const std::string done_ = "channel: 1 done { callbacks: 1 }";
  const std::string crash_ = "channel: 1 stop { reason: EXIT_REASON_CRASH }";
  const std::string terminated_ = R"(channel: 1 terminated { event_id: "e" })";
  std::string Bye(const std::string& why) const {
    return "channel: 1 broadcast { event: \"bye\" payload { json: "
           "\"{\\\"why\\\":\\\"" +
           why + "\\\"}\" } topic: \"room:1\" }";
  }

  const std::shared_ptr<FakeUplink> uplink_ = std::make_shared<FakeUplink>();
  std::shared_ptr<Membership> membership_ = Make(/*redelivered=*/false);
};

TEST_F(MembershipTest, AnEventIsAnsweredBeforeItsCreditGoesBack) {
  EXPECT_THAT(Join(), ElementsAre(ok_));
  EXPECT_THAT(
      In("echo", R"({"n":1.0})"),
      ElementsAre("channel: 1 reply { ref: \"r\" status: \"ok\" payload { "
                  "json: \"{\\\"n\\\":1.0}\" } }",
                  done_));
  EXPECT_THAT(In("reserved"), ElementsAre(done_));
  membership_->Lost();
  EXPECT_THAT(uplink_->Run(), ElementsAre(Bye("host_lost")));
}

TEST_F(MembershipTest, WhatJoinDoesTravelsInItsReplyOrBehindIt) {
  EXPECT_THAT(Join(R"({"early":1})"),
              ElementsAre("channel: 1 join_reply { ok: true payload { } "
                          "assigns: \"{\\\"user\\\":\\\"ann\\\"}\" "
                          "intercepts: \"secret\" }",
                          "channel: 1 push { event: \"self\" payload { } }"));
  membership_->Lost();
  uplink_->Run();
}

TEST_F(MembershipTest, ARefusedJoinIsForgotten) {
  EXPECT_THAT(Join(R"({"no":1})"),
              ElementsAre("channel: 1 join_reply { payload { } }"));
  EXPECT_EQ(uplink_->forgotten(), 1);
  EXPECT_THAT(Deliver(End(v1::EXIT_REASON_CLOSED)), ElementsAre(terminated_));
}

TEST_F(MembershipTest, AJoinThatThrowsHasCrashed) {
  EXPECT_THAT(Join(R"({"throw":1})"),
              ElementsAre("channel: 1 join_reply { crashed: true }"));
  EXPECT_EQ(uplink_->forgotten(), 1);
}

TEST_F(MembershipTest, ACallbackThatThrowsEndsItsChannel) {
  Join();
  membership_->Deliver(InFrame("throw"));
  membership_->Deliver(InFrame("echo"));
  EXPECT_THAT(uplink_->Run(), ElementsAre(crash_, done_, Bye("crash"), done_));
  EXPECT_TRUE(membership_->Push("late", Payload()).ok());
  EXPECT_THAT(uplink_->Run(), IsEmpty());
}

TEST_F(MembershipTest, WhatACrashDropsIsCountedInOne) {
  Join();
  membership_->Deliver(InFrame("throw"));
  for (int i = 0; i < 3; ++i) membership_->Deliver(InFrame("echo"));
  EXPECT_THAT(uplink_->Run(), ElementsAre(crash_, done_, Bye("crash"),
                                          "channel: 1 done { callbacks: 3 }"));
}

TEST_F(MembershipTest, AnAnswerThatIsNoJsonIsACrash) {
  Join();
  EXPECT_THAT(In("bad"), ElementsAre(crash_, done_, Bye("crash")));
}

TEST_F(MembershipTest, AStoppedChannelWaitsForItsTerminate) {
  Join();
  membership_->Deliver(InFrame("stop"));
  membership_->Deliver(InFrame("echo"));
  EXPECT_THAT(uplink_->Run(),
              ElementsAre("channel: 1 stop { reason: EXIT_REASON_STOP_NORMAL "
                          "reply { ref: \"r\" status: \"ok\" payload { } } }",
                          done_, done_));
  EXPECT_THAT(Deliver(End(v1::EXIT_REASON_STOP_NORMAL)),
              ElementsAre(Bye("stop_normal"), terminated_));
}

TEST_F(MembershipTest, AStopFromOutsideRunsTerminate) {
  Join();
  EXPECT_TRUE(
      membership_->Stop(ExitReason::kExitNormal, std::nullopt, "").ok());
  EXPECT_THAT(uplink_->Run(),
              ElementsAre("channel: 1 stop { reason: EXIT_REASON_EXIT_NORMAL }",
                          Bye("exit_normal")));
}

TEST_F(MembershipTest, LeftIsSaidBeforeTerminateRuns) {
  Join();
  EXPECT_THAT(Deliver(End(v1::EXIT_REASON_LEFT)),
              ElementsAre("channel: 1 left { }", Bye("left"), terminated_));
  EXPECT_NE(uplink_->ends().Find(Ends::EventKey("e")), nullptr);
  EXPECT_NE(uplink_->ends().Find(Ends::ChannelKey("b-1", 1)), nullptr);
}

TEST_F(MembershipTest, ARedeliveredEndRunsTerminateWithoutAJoin) {
  membership_ = Make(/*redelivered=*/true);
  EXPECT_THAT(Deliver(End(v1::EXIT_REASON_HOST_LOST)),
              ElementsAre(Bye("host_lost"), terminated_));
  EXPECT_EQ(uplink_->forgotten(), 1);
}

}  // namespace
}  // namespace aerie::client
