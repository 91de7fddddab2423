#include "edge/transport/websocket.h"

#include <chrono>
#include <fstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "edge/transport/testing/listener_fixture.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace aerie::edge {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

using End = RawClient::End;

constexpr uint8_t kText = 0x81;
constexpr uint8_t kBinary = 0x82;
constexpr uint8_t kClose = 0x88;
constexpr uint8_t kPing = 0x89;
constexpr uint8_t kPong = 0x8a;

std::string CloseBody(int code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code)};
}

void Sleep(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

class WebSocketTest : public ListenerFixture {
 protected:
  // Ends the client's side of a closing handshake that the server began.
  static void Answer(RawClient& client, int code) {
    client.SendFrame(kClose, CloseBody(code));
  }
};

TEST_F(WebSocketTest, MessagesOfEverySizeComeBack) {
  Start();
  auto client = WebSocket();
  for (size_t size : {0u, 1u, 125u, 126u, 255u, 256u, 257u, 1535u, 1536u, 1537u,
                      2048u, 65535u, 65536u, 1'000'000u}) {
    std::string message(size, 'a');
    for (size_t i = 0; i < size; ++i) message[i] = static_cast<char>(i * 7);
    client->SendFrame(kBinary, message);
    const RawClient::Frame frame = client->ReadFrame();
    EXPECT_EQ(frame.first, kBinary);
    EXPECT_TRUE(frame.payload == message) << size;
  }
}

TEST_F(WebSocketTest, ManyMessagesInOnePacketComeBackInOrder) {
  Start();
  auto client = WebSocket();
  std::thread reader([&client] {
    for (int i = 0; i < 500; ++i) {
      ASSERT_EQ(client->ReadFrame().payload, absl::StrCat("message ", i));
    }
  });
  for (int i = 0; i < 500; ++i) client->SendText(absl::StrCat("message ", i));
  reader.join();
}

TEST_F(WebSocketTest, FragmentsAreJoinedAroundControlFrames) {
  Start();
  auto client = WebSocket();
  client->SendFrame(0x01, std::string(300, 'a'));
  client->SendFrame(kPing, "now");
  client->SendFrame(0x00, "");
  client->SendFrame(0x00, std::string(2000, 'b'));
  client->SendFrame(0x80, "c");
  const RawClient::Frame pong = client->ReadFrame();
  EXPECT_EQ(pong.first, kPong);
  EXPECT_EQ(pong.payload, "now");
  EXPECT_EQ(client->ReadFrame().payload,
            std::string(300, 'a') + std::string(2000, 'b') + "c");
}

TEST_F(WebSocketTest, MalformedFramesEndTheirConnectionOnly) {
  std::ifstream file("test/data/malformed.json");
  Start();
  auto bystander = WebSocket();
  int cases = 0;
  for (const json& entry : json::parse(file)) {
    if (entry["transport"] != "websocket-framing") continue;
    SCOPED_TRACE(entry["name"].get<std::string>());
    ++cases;
    std::string wire;
    ASSERT_TRUE(absl::Base64Unescape(entry["wire"].get<std::string>(), &wire));
    auto client = WebSocket();
    client->Send(wire);
    if (entry["outcome"] == "pong") {
      EXPECT_EQ(client->ReadFrame().first, kPong);
      continue;
    }
    EXPECT_EQ(client->ReadCloseCode(), entry["close_code"].get<uint32_t>());
    EXPECT_EQ(client->ReadToEnd(), End::kClosed);
    bystander->SendText("still here");
    EXPECT_EQ(bystander->ReadFrame().payload, "still here");
  }
  EXPECT_EQ(cases, 10);
}

TEST_F(WebSocketTest, FurtherFramingErrorsAre1002) {
  Start();
  const std::string cases[] = {
      std::string("\xa1\x80zzzz", 6),           // RSV2.
      std::string("\x91\x80zzzz", 6),           // RSV3.
      std::string("\x8b\x80zzzz", 6),           // Reserved control opcode.
      std::string("\x81\xfe\x00\x01zzzzx", 9),  // Length not shortest.
      std::string("\x81\xff\0\0\0\0\0\0\xff\xffzzzz", 14),
      std::string("\x01\x80zzzz\x81\x80zzzz", 12),  // Text inside of text.
  };
  for (const std::string& bytes : cases) {
    auto client = WebSocket();
    client->Send(bytes);
    EXPECT_EQ(client->ReadCloseCode(), 1002u) << absl::CEscape(bytes);
    EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  }
  EXPECT_TRUE(AwaitCloses(CloseCause::kProtocol, 6));
}

TEST_F(WebSocketTest, TextMustBeUtf8) {
  Start();
  for (const std::string& bytes :
       {std::string("\xff"), std::string("ok \xc3"),
        std::string("\xed\xa0\x80"), std::string(2000, 'a') + "\xc0\xaf"}) {
    auto client = WebSocket();
    client->SendText(bytes);
    EXPECT_EQ(client->ReadCloseCode(), 1007u);
    EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  }
  EXPECT_TRUE(AwaitCloses(CloseCause::kUtf8, 4));
  auto client = WebSocket();
  client->SendFrame(kBinary, "\xff");
  EXPECT_EQ(client->ReadFrame().payload, "\xff");
}

TEST_F(WebSocketTest, AFrameOverTheLimitIsNotAwaited) {
  mount().max_frame_size = 1000;
  Start();
  auto client = WebSocket();
  client->SendText(std::string(1000, 'a'));
  EXPECT_EQ(client->ReadFrame().payload.size(), 1000u);
  // The header alone says enough.
  client->Send(std::string("\x81\xfe\x03\xe9zzzz", 8));
  EXPECT_EQ(client->ReadCloseCode(), 1009u);
  auto huge = WebSocket();
  huge->Send(std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffzzzz", 14));
  EXPECT_EQ(huge->ReadCloseCode(), 1009u);
  EXPECT_TRUE(AwaitCloses(CloseCause::kTooBig, 2));
}

TEST_F(WebSocketTest, FragmentsOverTheLimitTogetherEndTheConnection) {
  mount().max_frame_size = 1000;
  Start();
  auto client = WebSocket();
  client->SendFrame(0x01, std::string(600, 'a'));
  client->SendFrame(0x00, std::string(401, 'a'));
  EXPECT_EQ(client->ReadCloseCode(), 1009u);
  EXPECT_THAT(sockets_.Events(), Not(Contains(testing::StartsWith("text"))));
}

TEST_F(WebSocketTest, ACloseIsAnsweredWithItsOwnCodeIfThatIsLegal) {
  Start();
  const auto echo = [this](int code) {
    auto client = WebSocket();
    client->SendFrame(kClose, CloseBody(code) + "some reason");
    const uint32_t answer = client->ReadCloseCode();
    EXPECT_EQ(client->ReadToEnd(), End::kClosed);
    return answer;
  };
  for (int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000,
                   3999, 4000, 4999}) {
    EXPECT_EQ(echo(code), static_cast<uint32_t>(code));
  }
  for (int code : {0, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 2000,
                   2999, 5000, 65535}) {
    EXPECT_EQ(echo(code), 1002u) << code;
  }
}

TEST_F(WebSocketTest, ACloseWithoutCodeIsAnsweredWith1000) {
  Start();
  auto client = WebSocket();
  client->SendFrame(kClose, "");
  EXPECT_EQ(client->ReadCloseCode(), 1000u);
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_TRUE(AwaitCloses(CloseCause::kClient, 1));
}

TEST_F(WebSocketTest, ASocketThatClosesHearsNoMore) {
  Start();
  auto client = WebSocket();
  client->SendText("close 1011");
  client->SendText("more");
  EXPECT_EQ(client->ReadCloseCode(), 1011u);
  client->SendText("and more");
  Answer(*client, 1011);
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_THAT(sockets_.Events(), ElementsAre("connect /socket", "open 1",
                                             "text close 1011", "closed 1"));
}

TEST_F(WebSocketTest, AClientThatDoesNotAnswerACloseIsReset) {
  Start();
  auto client = WebSocket();
  const auto start = std::chrono::steady_clock::now();
  client->SendText("close 1001");
  EXPECT_EQ(client->ReadCloseCode(), 1001u);
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_EQ(client->ReadToEnd(), End::kReset);
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_GE(waited, std::chrono::milliseconds(limits_.close_timeout_ms));
  EXPECT_LT(waited, std::chrono::seconds(4));
}

TEST_F(WebSocketTest, ALostConnectionIsToldToTheSocket) {
  Start();
  WebSocket().reset();
  EXPECT_TRUE(sockets_.Await("closed 1"));
  auto half = WebSocket();
  half->HalfClose();
  EXPECT_TRUE(sockets_.Await("closed 2"));
  EXPECT_TRUE(AwaitCloses(CloseCause::kLost, 2));
}

TEST_F(WebSocketTest, SilenceEndsAConnection) {
  mount().idle_timeout_ms = 200;
  Start();
  auto client = WebSocket();
  EXPECT_EQ(client->ReadCloseCode(), 1002u);
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_TRUE(AwaitCloses(CloseCause::kIdle, 1));
}

TEST_F(WebSocketTest, AnyBytesFromTheClientBreakTheSilence) {
  mount().idle_timeout_ms = 600;
  Start();
  auto client = WebSocket();
  const std::string ping("\x89\x80zzzz", 6);
  for (char byte : ping + ping) {
    Sleep(100);
    client->Send(std::string(1, byte));
  }
  EXPECT_EQ(client->ReadFrame().first, kPong);
  EXPECT_EQ(client->ReadFrame().first, kPong);
  EXPECT_THAT(sockets_.Events(), Not(Contains("closed 1")));
}

TEST_F(WebSocketTest, WhatIsSentToTheClientDoesNotBreakItsSilence) {
  mount().idle_timeout_ms = 250;
  Start();
  auto listening = WebSocket();
  listening->SendText("flood 1 10");
  EXPECT_EQ(listening->ReadFrame().first, kBinary);
  EXPECT_EQ(listening->ReadCloseCode(), 1002u);
}

TEST_F(WebSocketTest, FoundingClientsMayBeSilent) {
  mount().idle_timeout_ms = 100;
  Start();
  auto client = WebSocket({}, "/socket");
  Sleep(400);
  client->SendText("hello");
  EXPECT_EQ(client->ReadFrame().payload, "hello");
}

TEST_F(WebSocketTest, APausedClientIsNotReadAndNotTimedOut) {
  mount().idle_timeout_ms = 200;
  Start();
  auto client = WebSocket();
  client->SendText("pause");
  ASSERT_TRUE(sockets_.Await("text pause"));
  client->SendText("later");
  client->SendText("last");
  Sleep(500);
  EXPECT_THAT(sockets_.Events(), Not(Contains("text later")));
  EXPECT_THAT(sockets_.Events(), Not(Contains("closed 1")));
  listener_->Post(0, [this] { sockets_.ResumeAll(); });
  EXPECT_EQ(client->ReadFrame().payload, "later");
  EXPECT_EQ(client->ReadFrame().payload, "last");
  EXPECT_EQ(client->ReadCloseCode(), 1002u);  // Silent again.
}

TEST_F(WebSocketTest, WhatCameBehindAPauseIsKept) {
  Start();
  auto client = WebSocket();
  std::string packet;
  for (const char* word : {"pause", "first", "pause", "other"}) {
    packet += std::string("\x81\x85\0\0\0\0", 6) + word;
  }
  client->Send(packet);
  for (const char* word : {"first", "other"}) {
    ASSERT_TRUE(sockets_.Await("text pause"));
    listener_->Post(0, [this] { sockets_.ResumeAll(); });
    EXPECT_EQ(client->ReadFrame().payload, word);
  }
  EXPECT_THAT(sockets_.Events(),
              ElementsAre("connect /socket", "open 1", "text pause",
                          "text first", "text pause", "text other"));
}

TEST_F(WebSocketTest, WhatCameBeforeTheEndIsRead) {
  Start();
  auto client = WebSocket();
  client->SendFrame(kBinary, std::string(1'000'000, 'x'));
  client->HalfClose();
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_THAT(sockets_.Events(), ElementsAre("connect /socket", "open 1",
                                             "binary 1000000", "closed 1"));
}

TEST_F(WebSocketTest, ASocketMayCloseAPausedConnection) {
  Start();
  auto client = WebSocket();
  // All in one turn: the pause, and a close from elsewhere.
  client->SendText("pause");
  ASSERT_TRUE(sockets_.Await("text pause"));
  client->SendText("held");
  listener_->Post(0, [this] { sockets_.CloseAll(1012); });
  EXPECT_EQ(client->ReadCloseCode(), 1012u);
  Answer(*client, 1012);
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_THAT(sockets_.Events(), Not(Contains("text held")));
}

TEST_F(WebSocketTest, ADisconnectDuringTheUpgradeClosesAtOnce) {
  sockets_.close_on_open = 1001;
  Start();
  auto client = WebSocket();
  EXPECT_EQ(client->ReadCloseCode(), 1001u);
  EXPECT_TRUE(sockets_.Await("closed 1"));
}

TEST_F(WebSocketTest, AClientThatDoesNotReadIsDropped) {
  limits_.socket_queue_bytes_max = 100'000;
  Start();
  auto bystander = WebSocket();
  RawClient slow(listener_->port(), RawClient::Tls::kNo, 4096);
  ASSERT_TRUE(slow.Upgrade("/socket/websocket?vsn=2.0.0"));
  // More than the kernel holds for it.
  slow.SendText("flood 1000 10000");
  ASSERT_TRUE(sockets_.Await("closed 2"));
  bystander->SendText("still here");
  EXPECT_EQ(bystander->ReadFrame().payload, "still here");
  EXPECT_TRUE(AwaitCloses(CloseCause::kSlowConsumer, 1));
  EXPECT_GT(Count(metrics_.write_queue_bytes_dropped), 0);
  // It is cut off, whatever it does then.
  Sleep(400);
  EXPECT_EQ(slow.ReadToEnd(), End::kReset);
}

TEST_F(WebSocketTest, ASlowClientThatWakesUpFindsTheCloseBehindWholeFrames) {
  limits_.socket_queue_bytes_max = 100'000;
  limits_.close_timeout_ms = 3'000;
  Start();
  RawClient slow(listener_->port(), RawClient::Tls::kNo, 4096);
  ASSERT_TRUE(slow.Upgrade("/socket/websocket?vsn=2.0.0"));
  slow.SendText("flood 1000 10000");
  ASSERT_TRUE(sockets_.Await("closed 1"));
  int frames = 0;
  RawClient::Frame frame;
  while ((frame = slow.ReadFrame()).first == kBinary) {
    ASSERT_EQ(frame.payload, std::string(10000, 'x'));
    ++frames;
  }
  EXPECT_LT(frames, 1000);
  EXPECT_EQ(frame.first, kClose);
  EXPECT_EQ(frame.payload, CloseBody(1008));
}

TEST_F(WebSocketTest, OneTurnMaySendMoreThanTheQueueHolds) {
  limits_.socket_queue_bytes_max = 10'000;
  Start();
  auto client = WebSocket();
  client->SendText("flood 40 1000");
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(client->ReadFrame().payload.size(), 1000u);
  }
}

TEST_F(WebSocketTest, OneFrameMayBeLargerThanTheQueue) {
  limits_.socket_queue_bytes_max = 10'000;
  Start();
  auto client = WebSocket();
  client->SendText("flood 1 5000000");
  EXPECT_EQ(client->ReadFrame().payload.size(), 5'000'000u);
}

TEST_F(WebSocketTest, PingsThatAreNotReadAreBoundedToo) {
  limits_.socket_queue_bytes_max = 10'000;
  Start();
  RawClient client(listener_->port(), RawClient::Tls::kNo, 4096);
  ASSERT_TRUE(client.Upgrade("/socket/websocket?vsn=2.0.0"));
  for (int i = 0; i < 200'000 && Closes(CloseCause::kSlowConsumer) == 0; ++i) {
    client.SendFrame(kPing, std::string(125, 'p'));
  }
  EXPECT_TRUE(sockets_.Await("closed 1"));
}

// permessage-deflate.

const std::pair<std::string, std::string> kOffer = {
    "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"};

TEST_F(WebSocketTest, CompressionIsOffByDefault) {
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket", {kOffer});
  EXPECT_THAT(client->ReadHead(), Not(testing::HasSubstr("extensions")));
  client->SendFrame(0xc1, "x");
  EXPECT_EQ(client->ReadCloseCode(), 1002u);
}

TEST_F(WebSocketTest, CompressedMessagesComeBackCompressed) {
  mount().compress = true;
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket", {kOffer});
  EXPECT_THAT(client->ReadHead(),
              testing::HasSubstr("sec-websocket-extensions: permessage-deflate;"
                                 " server_no_context_takeover;"
                                 " client_no_context_takeover\r\n"));
  // RFC 7692 section 7.2.3.1: "Hello".
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\0", 7);
  for (int i = 0; i < 2; ++i) {
    client->SendFrame(0xc1, hello);
    EXPECT_EQ(client->ReadFrame().payload, hello);
  }
  // The client may leave its messages as they are.
  client->SendText(std::string(5000, 'a'));
  const RawClient::Frame frame = client->ReadFrame();
  EXPECT_EQ(frame.first, 0xc1);
  EXPECT_LT(frame.payload.size(), 100u);
}

TEST_F(WebSocketTest, InflatedBytesCountAgainstTheLimit) {
  mount().compress = true;
  mount().max_frame_size = 10'000;
  Start();
  auto client = WebSocket({kOffer});
  // 26 KB of one letter, in 40 bytes.
  client->SendText(std::string(9'999, 'a'));
  std::string bomb = client->ReadFrame().payload;
  std::string twice = bomb.substr(0, bomb.size());
  client->SendFrame(0x41, twice + std::string("\0\0\xff\xff", 4));
  client->SendFrame(0x80, twice);
  EXPECT_EQ(client->ReadCloseCode(), 1009u);
  EXPECT_TRUE(AwaitCloses(CloseCause::kTooBig, 1));
}

TEST_F(WebSocketTest, InflatedTextMustBeUtf8) {
  mount().compress = true;
  Start();
  auto client = WebSocket({kOffer});
  // A stored block of "\xff".
  client->SendFrame(0xc2, std::string("\0\x01\0\xfe\xff\xff\0", 7));
  EXPECT_EQ(client->ReadFrame().first, 0xc2);
  client->SendFrame(0xc1, std::string("\0\x01\0\xfe\xff\xff\0", 7));
  EXPECT_EQ(client->ReadCloseCode(), 1007u);
  EXPECT_TRUE(AwaitCloses(CloseCause::kUtf8, 1));
}

TEST_F(WebSocketTest, CompressedGarbageIs1007) {
  mount().compress = true;
  Start();
  auto client = WebSocket({kOffer});
  client->SendFrame(0xc1, "\xff\xff\xff\xff\xff\xff");
  EXPECT_EQ(client->ReadCloseCode(), 1007u);
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_TRUE(AwaitCloses(CloseCause::kInflate, 1));
  ExpectServes();
}

}  // namespace
}  // namespace aerie::edge
