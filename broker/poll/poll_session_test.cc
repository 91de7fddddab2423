#include "broker/poll/poll_session.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using End = PollSession::End;

// Notes the answers to requests: `7 messages a b`, `7 nothing`.
class FakeLink final : public Edge {
 public:
  void Send(v1::BrokerFrame frame) override {
    const v1::PollAnswer& answer = frame.poll_answer();
    std::string line =
        absl::StrCat(frame.socket(), " ",
                     v1::PollAnswer::Result_Name(answer.result()).substr(7));
    for (const v1::Message& message : answer.messages()) {
      absl::StrAppend(&line, " ", message.event());
    }
    lines_.push_back(line);
  }
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

 private:
  std::vector<std::string> lines_;
};

class PollSessionTest : public ::testing::Test {
 protected:
  PollSession& Open(v1::Dialect dialect = v1::DIALECT_V2) {
    Policy policy;
    policy.second_join_replaces = dialect != v1::DIALECT_FOUNDING;
    const Origin origin = {
        .peer = {}, .dialect = dialect, .transport = v1::TRANSPORT_LONG_POLL};
    session_ = std::make_unique<PollSession>(
        home_,
        std::make_shared<Socket>(link_, 1, "", "", policy, nullptr, origin), 0);
    return *session_;
  }

  PollAsker Asker(uint64_t number) { return {link_, number}; }

  static v1::Message Says(const std::string& event, const std::string& topic,
                          const std::string& ref) {
    v1::Message message;
    message.set_topic(topic);
    message.set_event(event);
    message.set_ref(ref);
    return message;
  }

  static v1::PollSend Posts(std::vector<v1::Message> messages,
                            v1::Dialect dialect = v1::DIALECT_V2) {
    v1::PollSend send;
    send.set_dialect(dialect);
    for (v1::Message& message : messages) {
      *send.add_messages() = std::move(message);
    }
    return send;
  }

  // The shards say something to the client.
  End Push(const std::string& event,
           v1::Message::Kind kind = v1::Message::KIND_PUSH,
           const std::string& topic = "room:a", const std::string& ref = "") {
    v1::Message message = Says(event, topic, ref);
    message.set_kind(kind);
    if (kind == v1::Message::KIND_JOIN_REPLY) message.set_status(event);
    return session_->Push(std::make_shared<const v1::Message>(message), 100);
  }

  void Hears(const std::vector<std::string>& events) {
    for (const std::string& event : events) {
      EXPECT_EQ(Push(event), End::kNot);
    }
    session_->Deliver();
  }

  std::vector<std::string> Forwarded() { return std::exchange(forwarded_, {}); }

  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeLink> link_ = std::make_shared<FakeLink>();
  std::vector<std::string> forwarded_;
  PollHome home_{limits_, metrics_,
                 [this](const SocketPtr&, const v1::Message& message) {
                   forwarded_.push_back(message.event());
                 }};
  std::unique_ptr<PollSession> session_;
};

TEST_F(PollSessionTest, APollIsGivenWhatHasGathered) {
  PollSession& session = Open();
  Hears({"a", "b"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a b"));
}

TEST_F(PollSessionTest, APollThatWaitsIsGivenWhatComes) {
  PollSession& session = Open();
  session.Poll(Asker(7), 0);
  session.Deliver();
  EXPECT_THAT(link_->Take(), IsEmpty());
  Hears({"a", "b"});
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a b"));
}

TEST_F(PollSessionTest, NothingIsGivenTwiceOnceItIsWritten) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  session.Done(Asker(7), true);
  session.Poll(Asker(8), 1);
  Hears({"b"});
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a", "8 MESSAGES b"));
}

TEST_F(PollSessionTest, WhatWasNotWrittenIsGivenAgainInFrontOfWhatCame) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  Hears({"b"});
  session.Done(Asker(7), false);
  session.Poll(Asker(8), 1);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a", "8 MESSAGES a b"));
  EXPECT_EQ(metrics_.poll_redeliveries.Value(), 1);
}

TEST_F(PollSessionTest, APollWaitsUntilItIsKnownWhatBecameOfTheLastBatch) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  Hears({"b"});
  session.Poll(Asker(8), 1);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a"));
  session.Done(Asker(7), true);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("8 MESSAGES b"));
}

TEST_F(PollSessionTest, ALostEdgeHasWrittenNothing) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  session.LinkLost(link_.get());
  session.Poll(Asker(8), 1);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a", "8 MESSAGES a"));
}

TEST_F(PollSessionTest, AnotherEdgesLossIsOfNoConcern) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  const FakeLink other;
  session.LinkLost(&other);
  session.Poll(Asker(8), 1);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a"));
}

TEST_F(PollSessionTest, TheNewestPollReceivesTheOlderOneWaitsItsWindowOut) {
  PollSession& session = Open();
  session.Poll(Asker(7), 0);
  session.Poll(Asker(8), 100);
  Hears({"a"});
  EXPECT_THAT(link_->Take(), ElementsAre("8 MESSAGES a"));
  session.Done(Asker(8), true);
  EXPECT_EQ(session.Expire(limits_.poll_window_ms), End::kNot);
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOTHING"));
}

TEST_F(PollSessionTest, APollWhoseClientHasGoneIsPassedOver) {
  PollSession& session = Open();
  session.Poll(Asker(7), 0);
  session.Poll(Asker(8), 0);
  session.Done(Asker(8), false);
  Hears({"a"});
  EXPECT_THAT(link_->Take(), ElementsAre("7 MESSAGES a"));
}

TEST_F(PollSessionTest, PollsOfOneSessionAreBounded) {
  limits_.polls_per_session_max = 2;
  PollSession& session = Open();
  for (uint64_t number : {7, 8, 9}) session.Poll(Asker(number), 0);
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOTHING"));
  EXPECT_EQ(metrics_.polls_superseded.Value(), 1);
}

TEST_F(PollSessionTest, WhoDoesNotComeForMoreThanMayWaitEnds) {
  limits_.poll_session_bytes_max = 250;
  Open();
  EXPECT_EQ(Push("a"), End::kNot);
  EXPECT_EQ(Push("b"), End::kNot);
  EXPECT_EQ(Push("c"), End::kNot);  // As with a socket: it passes the bound.
  EXPECT_EQ(Push("d"), End::kSlow);
}

TEST_F(PollSessionTest, WhatIsOnItsWayDoesNotCountAsWaiting) {
  limits_.poll_session_bytes_max = 250;
  PollSession& session = Open();
  session.Poll(Asker(7), 0);
  Hears({"a", "b", "c"});
  Hears({"d", "e", "f"});
  EXPECT_EQ(Push("g"), End::kSlow);
}

TEST_F(PollSessionTest, WhatIsNeverWrittenWaitsAndCounts) {
  limits_.poll_session_bytes_max = 250;
  PollSession& session = Open();
  End end = End::kNot;
  int pushed = 0;
  for (uint64_t number = 7; number < 100 && end == End::kNot; ++number) {
    end = Push("a");
    ++pushed;
    session.Poll(Asker(number), 0);
    session.Deliver();
    session.Done(Asker(number), false);
  }
  EXPECT_EQ(end, End::kSlow);
  EXPECT_EQ(pushed, 4);
}

TEST_F(PollSessionTest, AMessageIsSentWhenTheOneBeforeHasBeenTaken) {
  PollSession& session = Open();
  EXPECT_EQ(
      session.Send(
          Asker(7),
          Posts({Says("one", "room:a", "1"), Says("two", "room:a", "2")}), 0),
      End::kNot);
  EXPECT_THAT(Forwarded(), ElementsAre("one"));
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_THAT(Forwarded(), ElementsAre("two"));
  EXPECT_THAT(link_->Take(), IsEmpty());
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_THAT(link_->Take(), ElementsAre("7 HANDLED"));
}

TEST_F(PollSessionTest, AJoinIsHandledWhenItIsAnswered) {
  PollSession& session = Open();
  EXPECT_EQ(session.Send(Asker(7),
                         Posts({Says("phx_join", "room:a", "1"),
                                Says("two", "room:a", "2")}),
                         0),
            End::kNot);
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_THAT(Forwarded(), ElementsAre("phx_join"));
  EXPECT_EQ(Push("ok", v1::Message::KIND_JOIN_REPLY, "room:b", "1"), End::kNot);
  EXPECT_EQ(Push("ok", v1::Message::KIND_JOIN_REPLY, "room:a", "9"), End::kNot);
  EXPECT_THAT(Forwarded(), IsEmpty());
  EXPECT_EQ(Push("ok", v1::Message::KIND_JOIN_REPLY, "room:a", "1"), End::kNot);
  EXPECT_THAT(Forwarded(), ElementsAre("two"));
}

TEST_F(PollSessionTest, AFailedMessageIsToldAsSuch) {
  using Kind = v1::Message::Kind;
  for (const Kind kind :
       {v1::Message::KIND_JOIN_REPLY, v1::Message::KIND_JOIN_CRASHED,
        v1::Message::KIND_TOPIC_LIMIT, v1::Message::KIND_UNAVAILABLE,
        v1::Message::KIND_UNMATCHED}) {
    PollSession& session = Open();
    EXPECT_EQ(
        session.Send(Asker(7), Posts({Says("phx_join", "room:a", "1")}), 0),
        End::kNot);
    EXPECT_EQ(Push("error", kind, "room:a", "1"), End::kNot);
    EXPECT_EQ(session.Taken(), End::kNot);
    EXPECT_THAT(link_->Take(), ElementsAre("7 HANDLED_FAILED"));
  }
}

TEST_F(PollSessionTest, AFoundingSecondJoinIsAnEventLikeAnyOther) {
  PollSession& session = Open(v1::DIALECT_FOUNDING);
  session.Joined("room:a");
  EXPECT_EQ(
      session.Send(
          Asker(7),
          Posts({Says("phx_join", "room:a", "1")}, v1::DIALECT_FOUNDING), 0),
      End::kNot);
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_THAT(link_->Take(), ElementsAre("7 HANDLED"));
  session.Left("room:a");
  EXPECT_EQ(
      session.Send(
          Asker(8),
          Posts({Says("phx_join", "room:a", "2")}, v1::DIALECT_FOUNDING), 0),
      End::kNot);
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_THAT(link_->Take(), IsEmpty());
}

TEST_F(PollSessionTest, AHeartbeatIsAnsweredHere) {
  PollSession& session = Open();
  EXPECT_EQ(
      session.Send(Asker(7), Posts({Says("heartbeat", "phoenix", "3")}), 0),
      End::kNot);
  EXPECT_THAT(Forwarded(), IsEmpty());
  session.Poll(Asker(8), 0);
  session.Deliver();
  EXPECT_THAT(link_->Take(), ElementsAre("7 HANDLED", "8 MESSAGES heartbeat"));
}

TEST_F(PollSessionTest, WhatIsNotHandledInItsWindowIs408AndTheRestDropped) {
  PollSession& session = Open();
  EXPECT_EQ(session.Send(Asker(7),
                         Posts({Says("phx_join", "room:a", "1"),
                                Says("two", "room:a", "2")}),
                         0),
            End::kNot);
  EXPECT_EQ(session.Taken(), End::kNot);
  EXPECT_EQ(session.Send(Asker(8), Posts({Says("three", "room:a", "3")}), 50),
            End::kNot);
  Forwarded();
  EXPECT_EQ(session.Expire(limits_.poll_window_ms), End::kNot);
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOT_HANDLED"));
  EXPECT_THAT(Forwarded(), ElementsAre("three"));
  EXPECT_EQ(metrics_.poll_sends_late.Value(), 1);
}

TEST_F(PollSessionTest, TooManyPostsAtOnceAreNotHandled) {
  limits_.poll_sends_max = 2;
  PollSession& session = Open();
  for (uint64_t number : {7, 8, 9}) {
    EXPECT_EQ(session.Send(Asker(number), Posts({Says("e", "room:a", "1")}), 0),
              End::kNot);
  }
  EXPECT_THAT(link_->Take(), ElementsAre("9 NOT_HANDLED"));
  EXPECT_EQ(metrics_.poll_sends_refused.Value(), 1);
}

TEST_F(PollSessionTest, WhatCannotBeReadEndsTheSessionBehindWhatCould) {
  PollSession& session = Open();
  v1::PollSend send = Posts({Says("one", "room:a", "1")});
  send.set_malformed(true);
  EXPECT_EQ(session.Send(Asker(7), send, 0), End::kNot);
  EXPECT_THAT(Forwarded(), ElementsAre("one"));
  EXPECT_EQ(session.Taken(), End::kMalformed);
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOT_HANDLED"));
}

TEST_F(PollSessionTest, AFoundingSessionSurvivesIt) {
  PollSession& session = Open(v1::DIALECT_FOUNDING);
  v1::PollSend send = Posts({}, v1::DIALECT_FOUNDING);
  send.set_malformed(true);
  EXPECT_EQ(session.Send(Asker(7), send, 0), End::kNot);
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOT_HANDLED"));
}

TEST_F(PollSessionTest, AnotherDialectThanTheSessionsCannotBeRead) {
  struct Case {
    v1::Dialect session;
    v1::Dialect send;
    bool reads;
  };
  for (const Case& each : {Case{v1::DIALECT_V2, v1::DIALECT_V2, true},
                           Case{v1::DIALECT_V2, v1::DIALECT_V1, false},
                           Case{v1::DIALECT_V1, v1::DIALECT_V1, true},
                           Case{v1::DIALECT_V1, v1::DIALECT_V2, false},
                           Case{v1::DIALECT_BRIDGE, v1::DIALECT_V1, true},
                           Case{v1::DIALECT_FOUNDING, v1::DIALECT_V1, false},
                           Case{v1::DIALECT_V1, v1::DIALECT_FOUNDING, false}}) {
    PollSession& session = Open(each.session);
    const End end =
        session.Send(Asker(7), Posts({Says("e", "room:a", "1")}, each.send), 0);
    EXPECT_EQ(end, each.reads ? End::kNot : End::kMalformed);
    EXPECT_EQ(Forwarded().size(), each.reads ? 1 : 0);
  }
}

TEST_F(PollSessionTest, WithoutAPollForAWindowAndAHalfItIsInactive) {
  PollSession& session = Open();
  const int64_t half_again_ms = limits_.poll_window_ms * 3 / 2;
  EXPECT_EQ(session.CheckActive(half_again_ms), End::kNot);
  EXPECT_EQ(session.CheckActive(half_again_ms + 1), End::kInactive);
  session.Poll(Asker(7), 5'000);
  EXPECT_EQ(session.Expire(5'000 + limits_.poll_window_ms), End::kNot);
  EXPECT_EQ(session.CheckActive(half_again_ms + 1), End::kNot);
  EXPECT_EQ(session.CheckActive(half_again_ms + 5'001), End::kInactive);
}

TEST_F(PollSessionTest, WhoStillReadsWhatItWasGivenIsThere) {
  PollSession& session = Open();
  Hears({"a"});
  session.Poll(Asker(7), 0);
  session.Deliver();
  EXPECT_EQ(session.CheckActive(1'000'000), End::kNot);
  session.Done(Asker(7), true);
  EXPECT_EQ(session.CheckActive(1'000'000), End::kInactive);
}

TEST_F(PollSessionTest, AtItsEndWhoeverWaitsIsAnswered) {
  PollSession& session = Open();
  session.Poll(Asker(7), 0);
  EXPECT_EQ(session.Send(Asker(8), Posts({Says("e", "room:a", "1")}), 0),
            End::kNot);
  session.Finish();
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOTHING", "8 NOT_HANDLED"));
}

}  // namespace
}  // namespace aerie::broker
