// Each way in which a client can lose its connection by its own fault, beside
// the bytes of malformed_test: the close code, and that the edge's other
// sockets don't notice.

#include <zlib.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::AnyOf;

constexpr uint64_t kSmallFrame = 64 << 10;
constexpr uint32_t kIdleMs = 1500;

edge::MountOptions Mount(const std::string& path) {
  edge::MountOptions mount;
  mount.path = path;
  return mount;
}

edge::Options EdgeOptions() {
  edge::MountOptions small = Mount("/small");
  small.max_frame_size = kSmallFrame;
  edge::MountOptions deflate = small;
  deflate.path = "/deflate";
  deflate.compress = true;
  edge::MountOptions idle = Mount("/idle");
  idle.idle_timeout_ms = kIdleMs;
  edge::Options options;
  options.listener.mounts = {Mount("/socket"), small, deflate, idle};
  return options;
}

std::string TargetAt(const std::string& mount) {
  return mount + "/websocket?vsn=2.0.0";
}

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest() : world_(EdgeOptions()), bystander_(world_.port()) {
    bystander_.Join("room:bystander");
  }
  ~BadInputTest() override {
    // The very next frame is its own echo, on the connection it always had.
    bystander_.Echo("room:bystander");
  }

  World world_;
  Conversation bystander_;
};

Json Event(const Json& join_ref, absl::string_view topic,
           absl::string_view event, const Json& payload) {
  return {join_ref, "9", std::string(topic), std::string(event), payload};
}

TEST_F(BadInputTest, AFrameOverTheLimitIsClosedWith1009) {
  Conversation client(world_.port(), TargetAt("/small"));
  client.Join("room:a");
  client.socket().SendText(std::string(kSmallFrame + 1, ' '));
  EXPECT_EQ(client.CloseCode(), 1009);
}

TEST_F(BadInputTest, AFrameOfTheLimitIsTaken) {
  Conversation client(world_.port(), TargetAt("/small"));
  client.Join("room:a");
  std::string text = Event("1", "room:a", "echo", Json::object()).dump();
  text.append(kSmallFrame - 64 - text.size(), ' ');
  client.socket().SendText(text);
  EXPECT_EQ(client.Hear()[1], "9");
}

TEST_F(BadInputTest, ALengthBeyondReasonIsRefusedBeforeItsBytes) {
  Conversation client(world_.port(), TargetAt("/small"));
  client.socket().SendRaw(
      absl::string_view("\x81\xff\x3f\0\0\0\0\0\0\0\1\2\3\4", 14));
  EXPECT_EQ(client.CloseCode(), 1009);
}

TEST_F(BadInputTest, FragmentsOverTheLimitTogetherAreClosedWith1009) {
  Conversation client(world_.port(), TargetAt("/small"));
  const std::string part(kSmallFrame / 2 + 1, ' ');
  client.socket().SendFrame(0x01, part);
  client.socket().SendFrame(0x80, part);
  EXPECT_EQ(client.CloseCode(), 1009);
}

TEST_F(BadInputTest, FragmentsAreOneMessage) {
  Conversation client(world_.port());
  const std::string text =
      Json{"1", "1", "room:a", "phx_join", Json::object()}.dump();
  client.socket().SendFrame(0x01, text.substr(0, 7));
  client.socket().SendFrame(0x89, "ping");
  client.socket().SendFrame(0x00, text.substr(7, 1));
  client.socket().SendFrame(0x80, text.substr(8));
  EXPECT_EQ(client.socket().Receive().kind, RawFrame::kPong);
  EXPECT_EQ(client.Hear()[4]["status"], "ok");
}

TEST_F(BadInputTest, TextThatIsNotUtf8IsClosedWith1007) {
  Conversation client(world_.port());
  client.Join("room:a");
  client.socket().SendText(
      "[\"1\",\"2\",\"room:a\",\"echo\",{\"a\":\"\xff\"}]");
  EXPECT_EQ(client.CloseCode(), 1007);
}

TEST_F(BadInputTest, JsonNestedTooDeepIsClosedWith1011) {
  Conversation client(world_.port());
  client.Join("room:a");
  const std::string deep = std::string(2'000, '[') + std::string(2'000, ']');
  client.socket().SendText("[\"1\",\"2\",\"room:a\",\"echo\"," + deep + "]");
  EXPECT_EQ(client.CloseCode(), 1011);
}

// `text` as permessage-deflate has it: RFC 7692 section 7.2.1.
std::string Deflate(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 9,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out - 4);
  deflateEnd(&stream);
  return out;
}

class DeflateTest : public BadInputTest {
 protected:
  DeflateTest()
      : client_(world_.port(),
                Upgrade::To(TargetAt("/deflate"))
                    .With("Sec-WebSocket-Extensions", "permessage-deflate")) {
    EXPECT_TRUE(
        absl::StrContains(client_.answer().Header("sec-websocket-extensions"),
                          "permessage-deflate"));
  }

  int CloseCode() {
    RawFrame frame = client_.Receive();
    while (frame.kind != RawFrame::kClose && frame.kind != RawFrame::kEnd &&
           frame.kind != RawFrame::kNothing) {
      frame = client_.Receive();
    }
    return frame.close_code;
  }

  RawWebSocket client_;
};

TEST_F(DeflateTest, CompressedMessagesAreTaken) {
  client_.SendFrame(0xc1, Deflate(R"([null,"1","phoenix","heartbeat",{}])"));
  EXPECT_THAT(client_.Receive().kind, AnyOf(RawFrame::kText));
}

TEST_F(DeflateTest, AMessageThatInflatesTooMuchIsClosedWith1009) {
  const std::string bomb = Deflate(std::string(20 << 20, ' '));
  ASSERT_LT(bomb.size(), kSmallFrame);
  client_.SendFrame(0xc1, bomb);
  EXPECT_EQ(CloseCode(), 1009);
}

TEST_F(DeflateTest, WhatCannotBeInflatedIsClosedWith1007) {
  client_.SendFrame(0xc1, "\xff\xff\xff\xff not deflated");
  EXPECT_THAT(CloseCode(), AnyOf(1007, 1009));
}

TEST_F(BadInputTest, SilenceIsClosedWith1002) {
  Conversation client(world_.port(), TargetAt("/idle"));
  client.Join("room:a");
  EXPECT_EQ(client.CloseCode(), 1002);
}

TEST_F(BadInputTest, APingIsASignOfLife) {
  Conversation client(world_.port(), TargetAt("/idle"));
  client.Join("room:a");
  for (uint32_t waited = 0; waited < 2 * kIdleMs; waited += 100) {
    std::this_thread::sleep_for(milliseconds(100));
    client.socket().SendFrame(0x89, "");
    EXPECT_EQ(client.socket().Receive().kind, RawFrame::kPong);
  }
  client.Echo("room:a");
}

TEST_F(BadInputTest, AClosingClientHearsItsOwnCodeOr1002) {
  const struct {
    uint16_t sent;
    int heard;
  } kCases[] = {{1000, 1000}, {1001, 1001}, {1003, 1003}, {1007, 1007},
                {1011, 1011}, {3000, 3000}, {4999, 4999}, {0, 1002},
                {999, 1002},  {1004, 1002}, {1005, 1002}, {1006, 1002},
                {1015, 1002}, {1016, 1002}, {2999, 1002}, {5000, 1002}};
  for (const auto& [sent, heard] : kCases) {
    Conversation client(world_.port());
    client.Join("room:a");
    client.socket().SendClose(sent);
    EXPECT_EQ(client.CloseCode(), heard) << sent;
    EXPECT_EQ(client.socket().Receive().kind, RawFrame::kEnd) << sent;
  }
}

TEST_F(BadInputTest, ALostConnectionEndsItsChannels) {
  Conversation watch(world_.port());
  watch.Join("room:watch");
  Conversation client(world_.port());
  client.Join("room:lost");
  client.socket().socket().Reset();
  watch.Expect({"1",
                nullptr,
                "room:watch",
                "terminated",
                {{"topic", "room:lost"}, {"reason", "closed"}}});
}

TEST_F(BadInputTest, DisconnectByIdClosesWith1001) {
  Conversation client(world_.port(), TargetAt("/socket") + "&id=users:ada");
  client.Join("room:a");
  Conversation same(world_.port(), TargetAt("/socket") + "&id=users:ada");
  Conversation other(world_.port(), TargetAt("/socket") + "&id=users:alan");
  other.Join("room:a");
  other.Say({"1", nullptr, "room:a", "disconnect", {{"id", "users:ada"}}});
  EXPECT_EQ(client.CloseCode(), 1001);
  EXPECT_EQ(same.CloseCode(), 1001);
  other.Echo("room:a");
}

TEST_F(BadInputTest, TooManyFramesBehindAPendingJoinAreClosedWith1008) {
  Conversation client(world_.port());
  client.Say({"1", "1", "room:silent", "phx_join", Json::object()});
  for (int i = 0; i < 200; ++i) {
    client.Say(Event("1", "room:silent", "echo", Json::object()));
  }
  EXPECT_EQ(client.CloseCode(), 1008);
}

TEST_F(BadInputTest, AClientThatDoesNotReadIsClosedAsASlowConsumer) {
  Conversation watch(world_.port());
  watch.Join("room:watch");
  Conversation slow(world_.port());
  slow.Join("room:crowd");
  slow.Join("room:only-slow", "2");
  Conversation talker(world_.port());
  talker.Join("room:crowd");
  const std::string text(256 << 10, 'x');
  // More than the edge's bound and all that kernels buffer.
  constexpr int kMessages = 120;
  for (int i = 0; i < kMessages; ++i) {
    talker.Say(Event("1", "room:crowd", "bcast", {{"text", text}}));
    EXPECT_EQ(talker.Hear()[3], "bc") << i;
    EXPECT_EQ(talker.Hear()[3], "phx_reply") << i;
  }
  bool lost = false;
  for (int i = 0; i < 2 && !lost; ++i) {
    const Json told = watch.Hear();
    lost = told[4]["topic"] == "room:only-slow";
    EXPECT_EQ(told[4]["reason"], "closed");
  }
  EXPECT_TRUE(lost);
  talker.Echo("room:crowd");
}

}  // namespace
}  // namespace aerie::testing
