// The golden conversations, frame by frame, through a real edge and broker:
// with the channel under test in the broker, and in a host attached to it.

#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "test/e2e/golden.h"
#include "test/support/raw_websocket.h"
#include "test/support/remote_host.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using nlohmann::json;

// Where the channel under test runs.
enum class Place { kBuiltIn, kAttached };

broker::Options AttachedOptions() {
  broker::Options options = World::BrokerOptions();
  options.routes = {{"room:*", "attached", {}, {}},
                    {"rooms:*", "attached", {}, {}}};
  return options;
}

class TranscriptTest
    : public ::testing::TestWithParam<std::tuple<json, Place>> {
 protected:
  static void SetUpTestSuite() {
    built_in_ = new World();
    attached_ = new World({}, AttachedOptions());
    RemoteHostOptions options;
    options.broker = absl::StrCat("127.0.0.1:", attached_->broker().port());
    options.patterns = {"room:*", "rooms:*"};
    host_ = new RemoteHost(options);
  }
  static void TearDownTestSuite() {
    delete std::exchange(host_, nullptr);
    delete std::exchange(attached_, nullptr);
    delete std::exchange(built_in_, nullptr);
  }

  static const json& Transcript() { return std::get<0>(GetParam()); }
  static uint16_t port() {
    return std::get<1>(GetParam()) == Place::kBuiltIn ? built_in_->port()
                                                      : attached_->port();
  }

 private:
  static World* built_in_;
  static World* attached_;
  static RemoteHost* host_;
};

World* TranscriptTest::built_in_ = nullptr;
World* TranscriptTest::attached_ = nullptr;
RemoteHost* TranscriptTest::host_ = nullptr;

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
  const std::string dialect = Transcript()["dialect"].get<std::string>();
  RawWebSocket socket(port(), Upgrade::To(TargetOf(dialect)));
  ASSERT_TRUE(socket.open()) << socket.answer().status;
  const json steps = Steps(Transcript());
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

INSTANTIATE_TEST_SUITE_P(
    Golden, TranscriptTest,
    ::testing::Combine(::testing::ValuesIn(Golden("transcripts")),
                       ::testing::Values(Place::kBuiltIn, Place::kAttached)),
    [](const auto& info) {
      return absl::StrCat(TestName(std::get<0>(info.param), info.index),
                          std::get<1>(info.param) == Place::kBuiltIn
                              ? "_built_in"
                              : "_attached");
    });

}  // namespace
}  // namespace aerie::testing
