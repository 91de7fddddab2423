#include "broker/poll/long_polls.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/channel/testing/fake_host.h"
#include "broker/topic/router.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Lets in whoever does not ask with `refuse`.
class FakeRule final : public ConnectRule {
 public:
  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    for (const v1::Field& field : request.params()) {
      if (field.name() == "refuse") {
        return answer(
            Denial{static_cast<uint32_t>(std::stoul(field.value())), ""});
      }
    }
    answer(Admission{"users:1", ""});
  }
};

// Notes the answers that an edge gets.
class FakeLink final : public Edge {
 public:
  void Send(v1::BrokerFrame frame) override {
    answers_.emplace_back(frame.socket(), frame.poll_answer());
  }
  // `7 MESSAGES topic/event ...`
  std::vector<std::string> Take() {
    std::vector<std::string> lines;
    for (const auto& [number, answer] : answers_) {
      std::string line = absl::StrCat(
          number, " ", v1::PollAnswer::Result_Name(answer.result()).substr(7));
      for (const v1::Message& message : answer.messages()) {
        absl::StrAppend(&line, " ", message.topic(), "/",
                        v1::Message::Kind_Name(message.kind()).substr(5));
      }
      lines.push_back(line);
    }
    answers_.clear();
    return lines;
  }
  std::string TakeToken() {
    std::string token(answers_.back().second.token());
    answers_.clear();
    return token;
  }

 private:
  std::vector<std::pair<uint64_t, v1::PollAnswer>> answers_;
};

std::shared_ptr<const Router> RouterOf(const std::shared_ptr<Host>& host) {
  auto router = std::make_shared<Router>();
  EXPECT_TRUE(router->Add({"room:*", host, {}}).ok());
  return router;
}

class LongPollsTest : public ::testing::Test {
 protected:
  static v1::Poll Request(const std::string& token = "") {
    v1::Poll poll;
    poll.set_token(token);
    poll.mutable_connect()->set_mount("/socket");
    poll.mutable_connect()->set_dialect(v1::DIALECT_V2);
    poll.mutable_connect()->set_transport(v1::TRANSPORT_LONG_POLL);
    return poll;
  }

  std::string Open() {
    polls_.Poll({link_, 1}, Request());
    shards_.RunUntilIdle();
    return link_->TakeToken();
  }
  uint64_t Poll(uint64_t number, const std::string& token) {
    const uint64_t session = polls_.Poll({link_, number}, Request(token));
    shards_.RunUntilIdle();
    return session;
  }
  void Post(uint64_t number, const std::string& token, const std::string& topic,
            const std::string& event) {
    v1::PollSend send;
    send.set_token(token);
    send.set_dialect(v1::DIALECT_V2);
    v1::Message& message = *send.add_messages();
    message.set_topic(topic);
    message.set_event(event);
    message.set_json("{}");
    message.set_ref("\"1\"");
    message.set_join_ref("\"1\"");
    polls_.Send({link_, number}, std::move(send));
    shards_.RunUntilIdle();
  }
  void Advance(int64_t ms) {
    // In steps, so that every tick comes.
    for (int64_t gone = 0; gone < ms; gone += 100) {
      clock_.AdvanceMs(100);
      shards_.RunUntilIdle();
    }
  }
  void Broadcast(const std::string& topic) {
    EXPECT_TRUE(shards_.Broadcast(topic, "tick", Payload{"{}"}));
    shards_.RunUntilIdle();
  }

  // A session that has joined `topic`.
  std::string OpenIn(const std::string& topic) {
    std::string token = Open();
    Post(2, token, topic, "phx_join");
    Poll(3, token);
    polls_.Done({link_, 3}, *tokens_.Open(token, clock_.Now()), true);
    shards_.RunUntilIdle();
    link_->Take();
    return token;
  }

  FakeClock clock_;
  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  Shards shards_{2, RouterOf(host_), limits_, clock_, metrics_};
  FakeRule rule_;
  PollTokens tokens_{{std::string(32, 'k')}, "broker"};
  LongPolls polls_{{shards_, rule_, tokens_, limits_, metrics_, clock_},
                   "broker"};
  std::shared_ptr<FakeLink> link_ = std::make_shared<FakeLink>();

  LongPollsTest() { host_->AnswerAtOnce(); }
};

TEST_F(LongPollsTest, APollWithoutASessionOpensOne) {
  polls_.Poll({link_, 7}, Request());
  polls_.Poll({link_, 8}, Request("foo"));
  shards_.RunUntilIdle();
  EXPECT_THAT(link_->Take(), UnorderedElementsAre("7 OPENED", "8 OPENED"));
  EXPECT_EQ(metrics_.poll_sessions.Value(), 2);
  EXPECT_EQ(metrics_.sockets.Value(), 2);
}

TEST_F(LongPollsTest, WhoMayNotOpenOneIsTold) {
  struct Case {
    const char* status;
    const char* heard;
  };
  for (const Case& each :
       {Case{"403", "7 REFUSED"}, Case{"401", "7 REFUSED"},
        Case{"500", "7 FAILED"}, Case{"503", "7 UNAVAILABLE"}}) {
    v1::Poll request = Request();
    v1::Field& field = *request.mutable_connect()->add_params();
    field.set_name("refuse");
    field.set_value(each.status);
    polls_.Poll({link_, 7}, std::move(request));
    shards_.RunUntilIdle();
    EXPECT_THAT(link_->Take(), ElementsAre(each.heard));
  }
}

TEST_F(LongPollsTest, WithoutAConnectThereIsNoNewSession) {
  v1::Poll request;
  request.set_token("foo");
  polls_.Poll({link_, 7}, request);
  EXPECT_THAT(link_->Take(), ElementsAre("7 REFUSED"));
  // One that is there needs none.
  const std::string token = Open();
  request.set_token(token);
  polls_.Poll({link_, 8}, request);
  shards_.RunUntilIdle();
  Advance(limits_.poll_window_ms);
  EXPECT_THAT(link_->Take(), ElementsAre("8 NOTHING"));
}

TEST_F(LongPollsTest, SessionsAreBounded) {
  limits_.poll_sessions_max = 1;
  Open();
  Poll(7, "");
  EXPECT_THAT(link_->Take(), ElementsAre("7 UNAVAILABLE"));
}

TEST_F(LongPollsTest, WhileDrainingSessionsGoOnAndNoneBegins) {
  const std::string token = OpenIn("room:a");
  polls_.Drain();
  Poll(7, "");
  Post(8, token, "room:a", "e");
  EXPECT_THAT(link_->Take(), ElementsAre("7 UNAVAILABLE", "8 HANDLED"));
}

TEST_F(LongPollsTest, APostWithoutASessionIsGone) {
  Post(7, "foo", "room:a", "e");
  Post(8, *tokens_.Seal(999, clock_.Now()), "room:a", "e");
  EXPECT_THAT(link_->Take(), ElementsAre("7 GONE", "8 GONE"));
}

TEST_F(LongPollsTest, AJoinIsAnsweredToThePostAndItsReplyToThePoll) {
  const std::string token = Open();
  Poll(7, token);
  Post(8, token, "room:a", "phx_join");
  EXPECT_THAT(link_->Take(), UnorderedElementsAre(
                                 "7 MESSAGES room:a/JOIN_REPLY", "8 HANDLED"));
}

TEST_F(LongPollsTest, AnEventOnATopicThatIsNotJoinedIsToldAsSuch) {
  const std::string token = Open();
  Post(7, token, "room:a", "e");
  Post(8, token, "unknown", "phx_join");
  Poll(9, token);
  EXPECT_THAT(link_->Take(),
              ElementsAre("7 HANDLED_FAILED", "8 HANDLED_FAILED",
                          "9 MESSAGES room:a/UNMATCHED unknown/UNMATCHED"));
}

TEST_F(LongPollsTest, ABroadcastReachesEverySessionOfItsTopic) {
  const std::string a = OpenIn("room:a");
  const std::string b = OpenIn("room:a");
  const std::string c = OpenIn("room:c");
  Poll(7, a);
  Poll(8, b);
  Poll(9, c);
  Broadcast("room:a");
  EXPECT_THAT(link_->Take(),
              UnorderedElementsAre("7 MESSAGES room:a/BROADCAST",
                                   "8 MESSAGES room:a/BROADCAST"));
}

TEST_F(LongPollsTest, WhoHasLeftHearsNoMore) {
  const std::string token = OpenIn("room:a");
  Post(7, token, "room:a", "phx_leave");
  Broadcast("room:a");
  Poll(8, token);
  EXPECT_THAT(
      link_->Take(),
      ElementsAre("7 HANDLED", "8 MESSAGES room:a/LEAVE_REPLY room:a/EXIT"));
}

TEST_F(LongPollsTest, ASessionWithoutPollsEndsAndItsChannelsToo) {
  const std::string token = OpenIn("room:a");
  host_->Take();
  Advance(int64_t{limits_.poll_window_ms} * 3);
  EXPECT_THAT(host_->Take(), ElementsAre(testing::HasSubstr("closed")));
  EXPECT_EQ(metrics_.poll_sessions.Value(), 0);
  EXPECT_EQ(metrics_.sockets.Value(), 0);
  EXPECT_EQ(metrics_.poll_ends_inactive.Value(), 1);
  Post(7, token, "room:a", "e");
  Poll(8, token);
  EXPECT_THAT(link_->Take(), ElementsAre("7 GONE", "8 OPENED"));
}

TEST_F(LongPollsTest, ASessionWithPollsLivesOn) {
  const std::string token = OpenIn("room:a");
  for (uint64_t number = 10; number < 20; ++number) {
    Poll(number, token);
    Advance(limits_.poll_window_ms + 200);
  }
  EXPECT_THAT(link_->Take(), SizeIs(10));
  EXPECT_EQ(metrics_.poll_sessions.Value(), 1);
}

TEST_F(LongPollsTest, ADisconnectEndsTheSessionAtOnce) {
  const std::string token = OpenIn("room:a");
  Poll(7, token);
  shards_.Disconnect("users:1");
  shards_.RunUntilIdle();
  EXPECT_THAT(link_->Take(), ElementsAre("7 NOTHING"));
  EXPECT_EQ(metrics_.poll_ends_closed.Value(), 1);
  Poll(8, token);
  EXPECT_THAT(link_->Take(), ElementsAre("8 OPENED"));
}

TEST_F(LongPollsTest, WhoDoesNotComeForWhatWaitsLosesTheSession) {
  limits_.poll_session_bytes_max = 1'000;
  const std::string token = OpenIn("room:a");
  for (int i = 0; i < 50; ++i) Broadcast("room:a");
  EXPECT_EQ(metrics_.poll_ends_slow.Value(), 1);
  EXPECT_EQ(metrics_.poll_sessions.Value(), 0);
}

TEST_F(LongPollsTest, WhatALostEdgeHadIsGivenOnAnother) {
  const std::string token = OpenIn("room:a");
  Broadcast("room:a");
  Poll(7, token);
  const auto other = std::make_shared<FakeLink>();
  polls_.LinkLost(link_);
  polls_.Poll({other, 1}, Request(token));
  shards_.RunUntilIdle();
  EXPECT_THAT(other->Take(), ElementsAre("1 MESSAGES room:a/BROADCAST"));
}

TEST_F(LongPollsTest, ServicesSeeTheSessionsAsTheSocketsOfAnEdge) {
  const auto list = [this] {
    std::vector<EdgeView> seen;
    polls_.List(
        [&seen](std::vector<EdgeView> views) { seen = std::move(views); });
    shards_.RunUntilIdle();
    return seen;
  };
  EXPECT_THAT(list(), IsEmpty());
  for (int i = 0; i < 3; ++i) Open();
  ASSERT_THAT(list(), SizeIs(1));
  EXPECT_EQ(list()[0].name, "longpoll@broker");
  EXPECT_EQ(list()[0].sockets, 3);

  std::vector<uint64_t> numbers;
  const auto note = [&numbers](const std::vector<SocketPtr>& sockets) {
    for (const SocketPtr& socket : sockets) {
      EXPECT_EQ(socket->edge().name(), "longpoll@broker");
      EXPECT_EQ(socket->origin().transport, v1::TRANSPORT_LONG_POLL);
      numbers.push_back(socket->number());
    }
  };
  polls_.Sockets("longpoll@broker", 0, 2, note);
  shards_.RunUntilIdle();
  polls_.Sockets("longpoll@broker", 2, 2, note);
  polls_.Sockets("another", 0, 2, note);
  shards_.RunUntilIdle();
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3));

  SocketPtr found;
  polls_.Find("longpoll@broker", 2,
              [&found](SocketPtr socket) { found = std::move(socket); });
  shards_.RunUntilIdle();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->number(), 2);
}

}  // namespace
}  // namespace aerie::broker
