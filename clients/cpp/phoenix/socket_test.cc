#include "clients/cpp/phoenix/socket.h"

#include <string>
#include <vector>

#include "clients/cpp/phoenix/testing/fixture.h"

namespace aerie::client::phx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Socket::State;

using SocketTest = SocketFixture;

TEST_F(SocketTest, ConnectsOnceToTheMountsWebSocket) {
  Make({.params = Params{{"id", "ada"}}});
  EXPECT_EQ(socket_->state(), State::kClosed);
  ASSERT_TRUE(socket_->Connect().ok());
  ASSERT_TRUE(socket_->Connect().ok());
  EXPECT_EQ(socket_->state(), State::kConnecting);
  EXPECT_EQ(network_.connects(), 1);
  EXPECT_EQ(network_.line().request.target,
            "/socket/websocket?id=ada&vsn=2.0.0");
  EXPECT_EQ(network_.line().request.subprotocols, "");
  network_.Open();
  EXPECT_TRUE(socket_->IsConnected());
  EXPECT_THAT(Heard(), ElementsAre("open"));
}

TEST_F(SocketTest, AnEndpointThatIsNoneIsAnErrorOfConnect) {
  Make({}, "host/socket");
  EXPECT_TRUE(absl::IsInvalidArgument(socket_->Connect()));
  EXPECT_EQ(network_.connects(), 0);
}

TEST_F(SocketTest, ParamsAndTokensAreAskedForAtEachConnection) {
  int asked = 0;
  Make({.params =
            [&asked] {
              return Params{{"n", absl::StrCat(++asked)}};
            },
        .auth_token = [&asked]() -> absl::StatusOr<std::string> {
          if (asked == 2) return absl::NotFoundError("no token");
          return absl::StrCat("t", asked);
        }});
  ASSERT_TRUE(socket_->Connect().ok());
  EXPECT_EQ(network_.line().request.target, "/socket/websocket?n=1&vsn=2.0.0");
  EXPECT_EQ(network_.line().request.subprotocols,
            "phoenix, base64url.bearer.phx.dDE");
  network_.Break();
  timers_.Advance(10);
  // There is no second token: tried again as a connection would be.
  EXPECT_THAT(Heard(), ElementsAre("error broken", "close 1006",
                                   "error no token", "close 1006"));
  EXPECT_EQ(network_.connects(), 1);
  timers_.Advance(50);
  EXPECT_EQ(network_.connects(), 2);
  EXPECT_EQ(network_.line().request.subprotocols,
            "phoenix, base64url.bearer.phx.dDM");
}

TEST_F(SocketTest, ReconnectsWithGrowingPauses) {
  Make();
  ASSERT_TRUE(socket_->Connect().ok());
  for (const int64_t ms :
       {10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000, 5000}) {
    const size_t connects = network_.connects();
    network_.Break();
    EXPECT_EQ(socket_->state(), State::kClosed);
    timers_.Advance(ms - 1);
    EXPECT_EQ(network_.connects(), connects) << ms;
    timers_.Advance(1);
    EXPECT_EQ(network_.connects(), connects + 1) << ms;
  }
}

TEST_F(SocketTest, AnOpenConnectionMakesTheNextPauseTheFirst) {
  Make();
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Break();
  timers_.Advance(10);
  network_.Break();
  timers_.Advance(50);
  network_.Open();
  network_.Close({.code = 1012});
  timers_.Advance(10);
  EXPECT_EQ(network_.connects(), 4);
}

TEST_F(SocketTest, CloseCode1000IsFinalUntilTheNextConnect) {
  MakeOpen();
  network_.Close({.code = kCloseNormal});
  EXPECT_THAT(Heard(), ElementsAre("close 1000"));
  EXPECT_EQ(timers_.NextMs(), -1);
  ASSERT_TRUE(socket_->Connect().ok());
  EXPECT_EQ(network_.connects(), 2);
}

TEST_F(SocketTest, EveryOtherCloseCodeReconnects) {
  MakeOpen();
  for (const uint16_t code : {1001, 1005, 1006, 1008, 1011, 1012, 4000}) {
    network_.Close({.code = code});
    EXPECT_EQ(timers_.NextMs(), 10) << code;
    timers_.Advance(10);
    network_.Open();
  }
}

TEST_F(SocketTest, ConnectDoesNotWaitForTheNextTry) {
  Make();
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Break();
  ASSERT_TRUE(socket_->Connect().ok());
  EXPECT_EQ(network_.connects(), 2);
  timers_.Advance(10'000);
  EXPECT_EQ(network_.connects(), 2);
}

TEST_F(SocketTest, DisconnectSaysGoodbyeAndStaysClosed) {
  MakeOpen();
  socket_->Disconnect([this] { heard_.push_back("done"); }, 4001, "bye");
  EXPECT_EQ(socket_->state(), State::kClosing);
  EXPECT_EQ(network_.line().close_code, 4001);
  EXPECT_EQ(network_.line().close_reason, "bye");
  EXPECT_THAT(Heard(), IsEmpty());
  network_.Close({.code = 4001});
  EXPECT_THAT(Heard(), ElementsAre("close 4001", "done"));
  EXPECT_EQ(timers_.NextMs(), -1);
}

TEST_F(SocketTest, DisconnectGivesUpAfterThreeSeconds) {
  MakeOpen();
  socket_->Disconnect([this] { heard_.push_back("done"); });
  timers_.Advance(2'999);
  EXPECT_THAT(Heard(), IsEmpty());
  timers_.Advance(1);
  EXPECT_THAT(Heard(), ElementsAre("close 1006", "done"));
  EXPECT_EQ(network_.line().listener, nullptr);
  EXPECT_EQ(timers_.NextMs(), -1);
}

TEST_F(SocketTest, DisconnectOfAClosedSocketIsDoneAtOnce) {
  Make();
  socket_->Disconnect([this] { heard_.push_back("done"); });
  EXPECT_THAT(Heard(), ElementsAre("done"));
  // It ends the tries, too.
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Break();
  socket_->Disconnect();
  EXPECT_EQ(timers_.NextMs(), -1);
}

TEST_F(SocketTest, ConnectWhileClosingMakesANewConnection) {
  MakeOpen();
  socket_->Disconnect([this] { heard_.push_back("done"); });
  ASSERT_TRUE(socket_->Connect().ok());
  EXPECT_THAT(Heard(), ElementsAre("close 1000", "done"));
  ASSERT_EQ(network_.connects(), 2);
  network_.Open();
  // The old one may finish its farewell; nobody hears of it.
  ASSERT_NE(network_.line(0).listener, nullptr);
  network_.line(0).listener->Closed({.code = 1011});
  EXPECT_THAT(Heard(), ElementsAre("open"));
  EXPECT_TRUE(socket_->IsConnected());
}

TEST_F(SocketTest, HeartbeatsFollowEachOther) {
  MakeOpen();
  timers_.Advance(29'999);
  EXPECT_THAT(Said(), IsEmpty());
  timers_.Advance(1);
  EXPECT_THAT(Said(), ElementsAre(R"([null,"1","phoenix","heartbeat",{}])"));
  timers_.Advance(20'000);
  network_.Text(R"([null,"1","phoenix","phx_reply",{"status":"ok"}])");
  timers_.Advance(29'999);
  EXPECT_THAT(Said(), IsEmpty());
  timers_.Advance(1);
  EXPECT_THAT(Said(), ElementsAre(R"([null,"2","phoenix","heartbeat",{}])"));
  EXPECT_TRUE(socket_->IsConnected());
}

TEST_F(SocketTest, AHeartbeatWithoutAnswerReconnects) {
  MakeOpen({.heartbeat_interval_ms = 1'000});
  timers_.Advance(2'000);
  EXPECT_EQ(network_.line().close_code, 1000);
  EXPECT_EQ(network_.line().close_reason, "heartbeat timeout");
  // Even though the server says 1000 as well.
  network_.Close({.code = kCloseNormal});
  timers_.Advance(10);
  EXPECT_EQ(network_.connects(), 2);
  network_.Open();
  EXPECT_THAT(Heard(), ElementsAre("close 1000", "open"));
}

TEST_F(SocketTest, DisconnectWhileAHeartbeatEndsItIsFinal) {
  MakeOpen({.heartbeat_interval_ms = 1'000});
  timers_.Advance(2'000);
  socket_->Disconnect();
  network_.Close({.code = kCloseAbnormal});
  timers_.Advance(60'000);
  EXPECT_EQ(network_.connects(), 1);
}

TEST_F(SocketTest, NoHeartbeatWhileThereIsNoConnection) {
  MakeOpen();
  network_.Close({.code = kCloseNormal});
  timers_.Advance(60'000);
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(SocketTest, WhatIsSaidBeforeOpenIsSentWhenItIs) {
  Make();
  socket_->MakeChannel("a")->Join();
  ASSERT_TRUE(socket_->Connect().ok());
  socket_->MakeChannel("b")->Join();
  EXPECT_THAT(Said(), IsEmpty());
  network_.Open();
  EXPECT_THAT(Said(), ElementsAre(R"(["1","1","a","phx_join",{}])",
                                  R"(["2","2","b","phx_join",{}])"));
}

TEST_F(SocketTest, WhatIsSaidBeforeOpenHasABound) {
  Make({.limits = {.send_buffer_frames_max = 1}});
  Note(socket_->MakeChannel("a")->Join(), "a");
  const Push full = socket_->MakeChannel("b")->Join();
  Note(full, "b");
  EXPECT_TRUE(absl::IsResourceExhausted(full.error()));
  EXPECT_THAT(
      Heard(),
      ElementsAre(R"(b error {"reason":"too much waits for the connection"})"));
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Open();
  // The refused one joins when it can.
  EXPECT_THAT(Said(), ElementsAre(R"(["1","1","a","phx_join",{}])",
                                  R"(["3","3","b","phx_join",{}])"));
}

TEST_F(SocketTest, BytesAreBoundedAsWell) {
  Make({.limits = {.send_bytes_max = 100}});
  const Payload big = Payload::Json("\"" + std::string(100, 'x') + "\"");
  EXPECT_TRUE(absl::IsResourceExhausted(
      socket_->MakeChannel("a", big)->Join().error()));
  EXPECT_TRUE(socket_->MakeChannel("b")->Join().error().ok());
}

TEST_F(SocketTest, AServerThatDoesNotReadIsAnErrorOfThePush) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  network_.line().full = true;
  EXPECT_TRUE(absl::IsResourceExhausted(channel->Push("x").error()));
  network_.line().full = false;
  EXPECT_TRUE(channel->Push("x").error().ok());
}

TEST_F(SocketTest, ChannelsHaveABound) {
  Make({.limits = {.channels_max = 1}});
  const auto first = socket_->MakeChannel("a");
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(socket_->MakeChannel("b"), nullptr);
  first->Leave();
  EXPECT_NE(socket_->MakeChannel("b"), nullptr);
}

TEST_F(SocketTest, RefsBeginAgainWith0) {
  MakeOpen({.limits = {.ref_max = 2}});
  const auto channel = Joined("a", "1");
  for (int i = 0; i < 3; ++i) channel->Push("x");
  EXPECT_THAT(Said(),
              ElementsAre(R"(["1","2","a","x",{}])", R"(["1","0","a","x",{}])",
                          R"(["1","1","a","x",{}])"));
}

TEST_F(SocketTest, FramesThatNoServerSendsAreIgnored) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  network_.Text("{");
  network_.Bytes("\x07");
  EXPECT_EQ(channel->state(), Channel::State::kJoined);
  EXPECT_TRUE(socket_->IsConnected());
}

TEST_F(SocketTest, OnMessageHearsEverything) {
  MakeOpen();
  const uint64_t hook =
      socket_->OnMessage([this](const phoenix::WireMessage& message) {
        heard_.push_back(absl::StrCat(message.topic, " ", message.event, " ",
                                      message.payload));
      });
  network_.Text(R"([null,null,"nobody's","hi",{"a":1}])");
  socket_->Off(hook);
  network_.Text(R"([null,null,"nobody's","hi",{"a":2}])");
  EXPECT_THAT(Heard(), ElementsAre(R"(nobody's hi {"a":1})"));
}

TEST_F(SocketTest, ChannelsOutliveTheSocketAsClosedOnes) {
  MakeOpen();
  const auto channel = Joined("a", "1");
  Note(channel->Push("x"), "x");
  socket_.reset();
  timers_.Advance(60'000);
  EXPECT_THAT(Heard(), IsEmpty());
  EXPECT_EQ(channel->state(), Channel::State::kClosed);
  EXPECT_FALSE(channel->CanPush());
  EXPECT_TRUE(absl::IsFailedPrecondition(channel->Push("x").error()));
  EXPECT_TRUE(absl::IsFailedPrecondition(channel->Join().error()));
  channel->Leave();
}

TEST_F(SocketTest, CallbacksMayAddAndRemoveOthers) {
  Make();
  uint64_t second = 0;
  socket_->OnOpen([&] {
    socket_->Off(second);
    socket_->OnOpen([this] { heard_.push_back("third"); });
  });
  second = socket_->OnOpen([this] { heard_.push_back("second"); });
  ASSERT_TRUE(socket_->Connect().ok());
  network_.Open();
  EXPECT_THAT(Heard(), ElementsAre("open"));
  network_.Break();
  timers_.Advance(10);
  network_.Open();
  EXPECT_THAT(Heard(),
              ElementsAre("error broken", "close 1006", "open", "third"));
}

}  // namespace
}  // namespace aerie::client::phx
