#include "clients/cpp/phoenix/channel.h"

#include <memory>
#include <string>

#include "clients/cpp/phoenix/testing/fixture.h"

namespace aerie::client::phx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Channel::State;

using ChannelTest = SocketFixture;

TEST_F(ChannelTest, JoinsWithItsParams) {
  MakeOpen();
  const auto channel =
      socket_->MakeChannel("room:1", Payload::Json(R"({"user":"ada"})"));
  EXPECT_EQ(channel->state(), State::kClosed);
  Note(channel->Join(), "join");
  EXPECT_EQ(channel->state(), State::kJoining);
  EXPECT_FALSE(channel->CanPush());
  EXPECT_THAT(Said(),
              ElementsAre(R"(["1","1","room:1","phx_join",{"user":"ada"}])"));
  Reply("room:1", "1", "1", "ok", R"({"history":[]})");
  EXPECT_EQ(channel->state(), State::kJoined);
  EXPECT_TRUE(channel->CanPush());
  EXPECT_THAT(Heard(), ElementsAre(R"(join ok {"history":[]})"));
  timers_.Advance(20'000);
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(ChannelTest, IsJoinedOnce) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  const Push again = channel->Join();
  EXPECT_TRUE(absl::IsFailedPrecondition(again.error()));
  Note(again, "again");
  EXPECT_THAT(
      Heard(),
      ElementsAre(R"(again error {"reason":"a channel is joined once only"})"));
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(channel->state(), State::kJoined);
}

TEST_F(ChannelTest, ARefusedJoinIsTriedAgainWithGrowingPauses) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  Note(channel->Join(), "join");
  int ref = 1;
  for (const int64_t ms : {1000, 2000, 5000, 10'000, 10'000}) {
    const std::string text = absl::StrCat(ref++);
    EXPECT_EQ(channel->join_ref(), text);
    Reply("a", text, text, "error", R"({"reason":"no"})");
    EXPECT_EQ(channel->state(), State::kErrored);
    EXPECT_THAT(Heard(), ElementsAre(R"(join error {"reason":"no"})"));
    timers_.Advance(ms - 1);
    EXPECT_EQ(channel->state(), State::kErrored) << ms;
    timers_.Advance(1);
    EXPECT_EQ(channel->state(), State::kJoining) << ms;
  }
}

TEST_F(ChannelTest, ASuccessfulJoinMakesTheNextPauseTheFirst) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  Reply("a", "1", "1", "error");
  timers_.Advance(1'000);
  Reply("a", "2", "2", "error");
  timers_.Advance(2'000);
  Reply("a", "3", "3", "ok");
  network_.Text(R"(["3","3","a","phx_error",{}])");
  timers_.Advance(1'000);
  EXPECT_EQ(channel->state(), State::kJoining);
}

TEST_F(ChannelTest, AJoinWithoutAnswerIsTakenBackAndTriedAgain) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  Note(channel->Join(500), "join");
  Said();
  timers_.Advance(500);
  EXPECT_THAT(Heard(), ElementsAre("join timeout {}"));
  EXPECT_THAT(Said(), ElementsAre(R"(["1","2","a","phx_leave",{}])"));
  EXPECT_EQ(channel->state(), State::kErrored);
  // The late answer belongs to a join that is no more.
  Reply("a", "1", "1", "ok");
  EXPECT_EQ(channel->state(), State::kErrored);
  timers_.Advance(1'000);
  EXPECT_THAT(Said(), ElementsAre(R"(["3","3","a","phx_join",{}])"));
  Reply("a", "3", "3", "ok");
  EXPECT_THAT(Heard(), ElementsAre("join ok {}"));
}

TEST_F(ChannelTest, AJoinThatWasNeverSentIsNotSentLater) {
  Make();
  const auto channel = socket_->MakeChannel("a");
  Note(channel->Join(500), "join");
  ASSERT_TRUE(socket_->Connect().ok());
  timers_.Advance(500);
  EXPECT_THAT(Heard(), ElementsAre("join timeout {}"));
  network_.Open();
  EXPECT_THAT(Said(), ElementsAre(R"(["2","2","a","phx_join",{}])"));
}

TEST_F(ChannelTest, AConnectionThatFailsTakesTheWaitingJoinWithIt) {
  Make();
  const auto channel = socket_->MakeChannel("a");
  Note(*channel);
  channel->Join();
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Break();
  EXPECT_THAT(Heard(), ElementsAre("error broken",
                                   "phx_error {\"source\":\"transport\","
                                   "\"reason\":\"connection_error\"}",
                                   "close 1006"));
  timers_.Advance(10);
  network_.Open();
  EXPECT_THAT(Said(), ElementsAre(R"(["2","2","a","phx_join",{}])"));
}

TEST_F(ChannelTest, HearsItsTopicsEvents) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  const uint64_t first = channel->On("x", [this](const Payload& payload) {
    heard_.push_back(absl::StrCat("first ", payload.text()));
  });
  channel->On("x", [this](const Payload&) { heard_.push_back("second"); });
  network_.Text(R"(["1",null,"a","x",{"push":1}])");
  network_.Text(R"([null,null,"a","x",{"broadcast":1}])");
  network_.Text(R"([null,null,"b","x",{}])");
  network_.Text(R"([null,null,"a","y",{}])");
  EXPECT_THAT(Heard(), ElementsAre(R"(first {"push":1})", "second",
                                   R"(first {"broadcast":1})", "second"));
  channel->Off("x", first);
  network_.Text(R"([null,null,"a","x",{}])");
  EXPECT_THAT(Heard(), ElementsAre("second"));
  channel->Off("x");
  network_.Text(R"([null,null,"a","x",{}])");
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(ChannelTest, BinaryEventsAreBytes) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  channel->On("x", [this](const Payload& payload) {
    EXPECT_TRUE(payload.binary());
    heard_.push_back(payload.text());
  });
  network_.Bytes(
      std::string("\0\1\1\1"
                  "1axpush",
                  11));
  network_.Bytes("\2\1\1axbroadcast");
  EXPECT_THAT(Heard(), ElementsAre("push", "broadcast"));
}

TEST_F(ChannelTest, MessagesOfAnEarlierJoinAreIgnored) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  channel->On("x", [this](const Payload&) { heard_.push_back("x"); });
  network_.Text(R"(["1","1","a","phx_error",{}])");
  timers_.Advance(1'000);
  Reply("a", "2", "2", "ok");
  Heard();
  network_.Text(R"(["1",null,"a","x",{}])");
  network_.Text(R"(["1","1","a","phx_close",{}])");
  network_.Text(R"(["1","1","a","phx_error",{}])");
  EXPECT_THAT(Heard(), IsEmpty());
  EXPECT_EQ(channel->state(), State::kJoined);
  network_.Text(R"(["2",null,"a","x",{}])");
  EXPECT_THAT(Heard(), ElementsAre("x"));
}

TEST_F(ChannelTest, ACrashedChannelJoinsAgain) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  Note(*channel);
  Note(channel->Join(), "join");
  Reply("a", "1", "1", "ok");
  Said();
  network_.Text(R"(["1","1","a","phx_error",{"reason":"channel_crash"}])");
  EXPECT_EQ(channel->state(), State::kErrored);
  timers_.Advance(1'000);
  EXPECT_THAT(Said(), ElementsAre(R"(["2","2","a","phx_join",{}])"));
  Reply("a", "2", "2", "ok");
  EXPECT_THAT(Heard(), ElementsAre("join ok {}",
                                   R"(phx_error {"reason":"channel_crash"})",
                                   "join ok {}"));
}

TEST_F(ChannelTest, AChannelThatTheServerClosesIsOver) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  network_.Text(R"(["1","1","a","phx_close",{}])");
  network_.Text(R"(["1","1","a","phx_close",{}])");
  EXPECT_THAT(Heard(), ElementsAre("phx_close"));
  EXPECT_EQ(channel->state(), State::kClosed);
  network_.Close({.code = 1012});
  timers_.Advance(10);
  network_.Open();
  timers_.Advance(20'000);
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_TRUE(absl::IsFailedPrecondition(channel->Push("x").error()));
  EXPECT_TRUE(absl::IsFailedPrecondition(channel->Join().error()));
}

TEST_F(ChannelTest, JoinsAgainOnTheNextConnection) {
  MakeOpen();
  const auto a = Joined("a", "1");
  const auto b = Joined("b", "2");
  network_.Close({.code = 1012});
  EXPECT_EQ(a->state(), State::kErrored);
  EXPECT_EQ(b->state(), State::kErrored);
  timers_.Advance(10);
  EXPECT_THAT(Said(), IsEmpty());
  network_.Open();
  EXPECT_THAT(Said(), ElementsAre(R"(["3","3","a","phx_join",{}])",
                                  R"(["4","4","b","phx_join",{}])"));
}

TEST_F(ChannelTest, ItsPausesWaitForAConnection) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  Reply("a", "1", "1", "error");
  network_.Close({.code = kCloseNormal});
  Said();
  timers_.Advance(60'000);
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(channel->state(), State::kErrored);
}

TEST_F(ChannelTest, LeavesAndIsClosedWhenTheServerHasAnswered) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  Note(channel->Leave(), "leave");
  EXPECT_EQ(channel->state(), State::kLeaving);
  EXPECT_THAT(Said(), ElementsAre(R"(["1","2","a","phx_leave",{}])"));
  EXPECT_THAT(Heard(), IsEmpty());
  Reply("a", "1", "2", "ok");
  network_.Text(R"(["1","1","a","phx_close",{}])");
  EXPECT_THAT(Heard(), ElementsAre("phx_close", "leave ok {}"));
  EXPECT_EQ(channel->state(), State::kClosed);
  // Once is enough.
  Note(channel->Leave(), "again");
  EXPECT_THAT(Heard(), ElementsAre("again ok {}"));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(ChannelTest, ALeaveWithoutAnswerClosesInTime) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  Note(channel->Leave(100), "leave");
  timers_.Advance(100);
  EXPECT_THAT(Heard(), ElementsAre("phx_close", "leave timeout {}"));
}

TEST_F(ChannelTest, AClosedChannelAnswersItsLeave) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  Note(channel->Leave(), "leave");
  network_.Text(R"(["1","1","a","phx_error",{}])");
  EXPECT_THAT(Heard(), ElementsAre("leave ok {}", "phx_close"));
  timers_.Advance(60'000);
  EXPECT_EQ(channel->state(), State::kClosed);
}

TEST_F(ChannelTest, WithoutAConnectionALeaveIsDoneAtOnce) {
  Make();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  Note(*channel);
  Note(channel->Leave(), "leave");
  EXPECT_THAT(Heard(), ElementsAre("phx_close", "leave ok {}"));
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Open();
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(ChannelTest, ALeaveEndsTheTriesToJoin) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  Note(channel->Join(), "join");
  Note(channel->Leave(), "leave");
  Said();
  // The join is answered first, and is not wanted any more.
  Reply("a", "1", "1", "ok");
  EXPECT_EQ(channel->state(), State::kLeaving);
  Reply("a", "1", "2", "ok");
  timers_.Advance(60'000);
  EXPECT_EQ(channel->state(), State::kClosed);
}

TEST_F(ChannelTest, AnotherOneOfTheTopicReplacesIt) {
  MakeOpen();
  const auto first = Joined("a", "1");
  Note(*first);
  const auto second = socket_->MakeChannel("a");
  second->Join();
  EXPECT_THAT(Said(), ElementsAre(R"(["1","2","a","phx_leave",{}])",
                                  R"(["3","3","a","phx_join",{}])"));
  Reply("a", "1", "2", "ok");
  EXPECT_THAT(Heard(), ElementsAre("phx_close"));
  Reply("a", "3", "3", "ok");
  EXPECT_EQ(second->state(), State::kJoined);
}

TEST_F(ChannelTest, ACallbackMayDropTheLastReference) {
  MakeOpen();
  auto channel = Joined("a", "1");
  const std::weak_ptr<Channel> weak = channel;
  // A callback that keeps its own channel does not keep it for ever.
  channel->On("x", [channel](const Payload&) {});
  channel->OnClose([&channel] { channel.reset(); });
  network_.Text(R"(["1","1","a","phx_close",{}])");
  EXPECT_TRUE(weak.expired());
}

TEST_F(ChannelTest, ACallbackMayLeave) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(*channel);
  channel->On("x", [&](const Payload&) {
    network_.line().full = true;  // The leave is refused, and ends at once.
    channel->Leave();
  });
  channel->On("x", [this](const Payload&) { heard_.push_back("second"); });
  network_.Text(R"([null,null,"a","x",{}])");
  EXPECT_THAT(Heard(), ElementsAre("phx_close"));
  EXPECT_EQ(channel->state(), State::kClosed);
}

}  // namespace
}  // namespace aerie::client::phx
