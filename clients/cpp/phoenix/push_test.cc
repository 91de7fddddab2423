#include "clients/cpp/phoenix/push.h"

#include <string>

#include "clients/cpp/phoenix/testing/fixture.h"

namespace aerie::client::phx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PushTest = SocketFixture;

TEST_F(PushTest, IsAnsweredByItsRef) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(channel->Push("x", Payload::Json(R"({"n":1})")), "x");
  Note(channel->Push("y"), "y");
  EXPECT_THAT(Said(), ElementsAre(R"(["1","2","a","x",{"n":1}])",
                                  R"(["1","3","a","y",{}])"));
  Reply("a", "1", "3", "error", R"({"why":2})");
  Reply("a", "1", "2", "ok", R"({"n":1.0})");
  EXPECT_THAT(Heard(),
              ElementsAre(R"(y error {"why":2})", R"(x ok {"n":1.0})"));
}

TEST_F(PushTest, IsAnsweredOnce) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(channel->Push("x"), "x");
  Reply("a", "1", "2", "ok");
  Reply("a", "1", "2", "ok");
  timers_.Advance(10'000);
  EXPECT_THAT(Heard(), ElementsAre("x ok {}"));
}

TEST_F(PushTest, AnyOtherStatusCanBeReceived) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  channel->Push("x").Receive("odd", [this](const Payload& response) {
    heard_.push_back(response.text());
  });
  Reply("a", "1", "2", "odd", "[1]");
  EXPECT_THAT(Heard(), ElementsAre("[1]"));
}

TEST_F(PushTest, WhatHasComeIsReceivedAtOnce) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  const Push push = channel->Push("x");
  Reply("a", "1", "2", "ok", R"({"n":1})");
  Note(push, "x");
  EXPECT_THAT(Heard(), ElementsAre(R"(x ok {"n":1})"));
}

TEST_F(PushTest, WithoutAnswerItTimesOut) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(channel->Push("x"), "x");
  Note(channel->Push("y", {}, 50), "y");
  timers_.Advance(49);
  EXPECT_THAT(Heard(), IsEmpty());
  timers_.Advance(1);
  EXPECT_THAT(Heard(), ElementsAre("y timeout {}"));
  timers_.Advance(9'950);
  EXPECT_THAT(Heard(), ElementsAre("x timeout {}"));
  // Too late.
  Reply("a", "1", "2", "ok");
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(PushTest, BinaryPayloadsTravelAsBytesBothWays) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  std::string received;
  channel->Push("up", Payload::Bytes(std::string("\0\xff", 2)))
      .Receive("ok", [&](const Payload& response) {
        EXPECT_TRUE(response.binary());
        received = response.text();
      });
  EXPECT_THAT(Said(), ElementsAre(std::string("\0\1\1\1\2"
                                              "12aup\0\xff",
                                              12)));
  network_.Bytes(
      std::string("\1\1\1\1\2"
                  "12aok\xfe\0",
                  12));
  EXPECT_EQ(received, std::string("\xfe\0", 2));
}

TEST_F(PushTest, BeforeTheJoinIsAnsweredItWaits) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  Note(channel->Push("x"), "x");
  Note(channel->Push("y"), "y");
  EXPECT_THAT(Said(), ElementsAre(R"(["1","1","a","phx_join",{}])"));
  Reply("a", "1", "1", "ok");
  EXPECT_THAT(Said(), ElementsAre(R"(["1","4","a","x",{}])",
                                  R"(["1","5","a","y",{}])"));
  Reply("a", "1", "4", "ok");
  EXPECT_THAT(Heard(), ElementsAre("x ok {}"));
}

TEST_F(PushTest, OneThatTimesOutWhileItWaitsIsNeverSent) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  Note(channel->Push("x", {}, 50), "x");
  timers_.Advance(50);
  EXPECT_THAT(Heard(), ElementsAre("x timeout {}"));
  Said();
  Reply("a", "1", "1", "ok");
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(PushTest, WhatWaitsForTheJoinHasABound) {
  MakeOpen({.limits = {.push_buffer_max = 1}});
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  EXPECT_TRUE(channel->Push("x", {}, 50).error().ok());
  const Push full = channel->Push("y");
  EXPECT_TRUE(absl::IsResourceExhausted(full.error()));
  Note(full, "y");
  EXPECT_THAT(
      Heard(),
      ElementsAre(R"(y error {"reason":"too many pushes wait for the join"})"));
  timers_.Advance(50);
  EXPECT_TRUE(channel->Push("z").error().ok());
}

TEST_F(PushTest, BytesThatWaitForTheJoinHaveABoundToo) {
  MakeOpen({.limits = {.send_bytes_max = 150}});
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  const Payload big = Payload::Bytes(std::string(100, 'x'));
  EXPECT_TRUE(channel->Push("x", big, 50).error().ok());
  EXPECT_TRUE(absl::IsResourceExhausted(channel->Push("y", big).error()));
  timers_.Advance(50);
  EXPECT_TRUE(channel->Push("y", big).error().ok());
}

TEST_F(PushTest, WhatWaitsForAnAnswerHasABound) {
  MakeOpen({.limits = {.pending_pushes_max = 1}});
  const auto channel = Joined("a", "1");
  EXPECT_TRUE(channel->Push("x").error().ok());
  EXPECT_TRUE(absl::IsResourceExhausted(channel->Push("y").error()));
  Reply("a", "1", "2", "ok");
  EXPECT_TRUE(channel->Push("y").error().ok());
}

TEST_F(PushTest, WhatCannotBeSaidIsAnErrorBeforeTheJoinAndAfter) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  channel->Join();
  const auto wrong = [&channel](absl::string_view event, Payload payload) {
    return absl::IsInvalidArgument(
        channel->Push(event, std::move(payload)).error());
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(wrong("x", Payload::Json("{")));
    EXPECT_TRUE(wrong("\xff", {}));
    EXPECT_TRUE(wrong(std::string(256, 'x'), Payload::Bytes("b")));
    Reply("a", "1", "1", "ok");
  }
  EXPECT_THAT(Said(), ElementsAre(R"(["1","1","a","phx_join",{}])"));
  EXPECT_TRUE(channel->CanPush());
}

TEST_F(PushTest, BeforeJoinItIsAnError) {
  MakeOpen();
  const auto channel = socket_->MakeChannel("a");
  const Push push = channel->Push("x");
  EXPECT_TRUE(absl::IsFailedPrecondition(push.error()));
  Note(push, "x");
  EXPECT_THAT(Heard(),
              ElementsAre(R"(x error {"reason":"join the channel first"})"));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(PushTest, OnALostConnectionItWaitsForTheNextJoin) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  network_.Break();
  Note(channel->Push("x"), "x");
  timers_.Advance(10);
  network_.Open();
  EXPECT_THAT(Said(), ElementsAre(R"(["3","3","a","phx_join",{}])"));
  Reply("a", "3", "3", "ok");
  EXPECT_THAT(Said(), ElementsAre(R"(["3","4","a","x",{}])"));
}

TEST_F(PushTest, ItsTimeGoesOnWhenTheChannelIsOver) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(channel->Push("x"), "x");
  network_.Text(R"(["1","1","a","phx_close",{}])");
  Reply("a", "1", "2", "ok");
  EXPECT_THAT(Heard(), IsEmpty());
  timers_.Advance(10'000);
  EXPECT_THAT(Heard(), ElementsAre("x timeout {}"));
}

}  // namespace
}  // namespace aerie::client::phx
