// The golden conversations, frame by frame, through a real edge and broker.

#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "test/e2e/golden.h"
#include "test/support/raw_websocket.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using nlohmann::json;

class TranscriptTest : public ::testing::TestWithParam<json> {
 protected:
  static void SetUpTestSuite() { world_ = new World(); }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static World* world_;
};

World* TranscriptTest::world_ = nullptr;

// The channel under test takes everybody into rooms:lobby; the one that this
// transcript was recorded from took nobody.
json Steps(const json& transcript) {
  if (transcript["name"] != "v0-join-refused") return transcript["steps"];
  return json::parse(absl::StrReplaceAll(transcript["steps"].dump(),
                                         {{"rooms:lobby", "rooms:deny"}}));
}

std::string TopicOf(const json& message) {
  return (message.is_array() ? message[2] : message["topic"])
      .get<std::string>();
}

// Something that is always answered, in the order of the topic's messages.
json Probe(const std::string& dialect, const std::string& topic) {
  if (topic == "phoenix") {
    return json{nullptr, "probe", topic, "heartbeat", json::object()};
  }
  if (dialect == "2.0.0") {
    return json{nullptr, "probe", topic, "phx_leave", json::object()};
  }
  // A founding leave of a topic that isn't joined is met with silence.
  return json{{"topic", topic},
              {"event", dialect == "founding" ? "phx_join" : "phx_leave"},
              {"payload", json::object()},
              {"ref", "probe"}};
}

std::string RefOf(const json& message, const std::string& dialect) {
  const json ref = message.is_array() ? message[1]
                   : dialect == "founding"
                       ? message["payload"].value("ref", json())
                       : message["ref"];
  return ref.is_string() ? ref.get<std::string>() : "";
}

TEST_P(TranscriptTest, IsPlayedFrameByFrame) {
  const std::string dialect = GetParam()["dialect"].get<std::string>();
  RawWebSocket socket(world_->port(), Upgrade::To(TargetOf(dialect)));
  ASSERT_TRUE(socket.open()) << socket.answer().status;
  const json steps = Steps(GetParam());
  for (const json& step : steps) {
    if (step.contains("client")) {
      ASSERT_TRUE(socket.SendText(step["client"].dump()));
      continue;
    }
    const RawFrame frame = socket.Receive();
    ASSERT_EQ(frame.kind, RawFrame::kText) << "instead of " << step["server"];
    EXPECT_EQ(json::parse(frame.payload), step["server"]);
  }
  // Nothing else has been said: the answer to a probe is the next frame.
  const std::string topic = TopicOf(steps[0]["client"]);
  ASSERT_TRUE(socket.SendText(Probe(dialect, topic).dump()));
  const RawFrame frame = socket.Receive();
  ASSERT_EQ(frame.kind, RawFrame::kText);
  EXPECT_EQ(RefOf(json::parse(frame.payload), dialect), "probe")
      << frame.payload;
}

INSTANTIATE_TEST_SUITE_P(Golden, TranscriptTest,
                         ::testing::ValuesIn(Golden("transcripts")),
                         [](const auto& info) {
                           return TestName(info.param, info.index);
                         });

}  // namespace
}  // namespace aerie::testing
