// Bytes that no proper client sends: what becomes of the socket that sends
// them, and that the edge's other sockets don't notice.

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "test/e2e/golden.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using nlohmann::json;

class MalformedTest : public ::testing::TestWithParam<json> {
 protected:
  static void SetUpTestSuite() {
    world_ = new World();
    bystander_ = new Conversation(world_->port());
    bystander_->Join("room:bystander");
  }
  static void TearDownTestSuite() {
    delete bystander_;
    delete world_;
    bystander_ = nullptr;
    world_ = nullptr;
  }

  static World* world_;
  static Conversation* bystander_;
};

World* MalformedTest::world_ = nullptr;
Conversation* MalformedTest::bystander_ = nullptr;

bool SendWire(RawWebSocket& socket, const json& entry) {
  if (entry["transport"] == "websocket-framing") {
    return socket.SendRaw(Wire(entry));
  }
  return entry["opcode"] == "binary" ? socket.SendBinary(Wire(entry))
                                     : socket.SendText(Wire(entry));
}

TEST_P(MalformedTest, HurtsOnlyItsOwnSocket) {
  const json& entry = GetParam();
  RawWebSocket socket(
      world_->port(),
      Upgrade::To(TargetOf(entry["dialect"].get<std::string>())));
  ASSERT_TRUE(socket.open());
  ASSERT_TRUE(SendWire(socket, entry));
  const RawFrame frame = socket.Receive();
  if (entry["outcome"] == "close") {
    ASSERT_EQ(frame.kind, RawFrame::kClose) << frame.payload;
    EXPECT_EQ(frame.close_code, entry["close_code"].get<int>());
    EXPECT_EQ(frame.payload, "");
    socket.SendClose(1000);  // Else the edge would wait for it.
    EXPECT_EQ(socket.Receive().kind, RawFrame::kEnd);
  } else if (entry["outcome"] == "reply") {
    ASSERT_EQ(frame.kind, RawFrame::kText) << frame.close_code;
    EXPECT_EQ(json::parse(frame.payload),
              json::parse(entry["reply"].get<std::string>()));
  } else {
    EXPECT_EQ(entry["outcome"], "pong");
    EXPECT_EQ(frame.kind, RawFrame::kPong);
    EXPECT_EQ(frame.payload, "hi");
  }
  bystander_->Echo("room:bystander");
}

INSTANTIATE_TEST_SUITE_P(Golden, MalformedTest,
                         ::testing::ValuesIn(Golden("malformed")),
                         [](const auto& info) {
                           return TestName(info.param, info.index);
                         });

}  // namespace
}  // namespace aerie::testing
