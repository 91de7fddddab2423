// No head-of-line blocking: a socket that floods one topic keeps to itself.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The worst case: the topics of all sockets share one shard, which the flood
// keeps busy for 1 ms a message.
broker::Options OneShard() {
  broker::Options options = World::BrokerOptions();
  options.loops = 1;
  return options;
}

// What a flood comes to: half a minute of the shard's time, and more bytes than
// kernels would buffer.
constexpr int kFloodMessages = 30'000;

// Sends as much as is taken, on a thread of its own, until it is told to stop.
class Flood {
 public:
  explicit Flood(uint16_t port) : client_(port) {
    client_.Join("room:flood");
    thread_ = std::thread([this] { Run(); });
  }
  ~Flood() { Stop(); }

  // The messages that the kernel took.
  int Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return sent_;
  }

  Conversation& client() { return client_; }

 private:
  void Run() {
    const std::string frame = MaskedFrame(
        0x81,
        Json{"1", "2", "room:flood", "slow", {{"text", std::string(1024, 'x')}}}
            .dump());
    size_t offset = 0;
    while (!stopping_ && sent_ < kFloodMessages) {
      const size_t taken = client_.socket().socket().SendSome(
          absl::string_view(frame).substr(offset));
      if (taken == 0) std::this_thread::sleep_for(milliseconds(1));
      offset += taken;
      if (offset < frame.size()) continue;
      offset = 0;
      ++sent_;
    }
  }

  Conversation client_;
  std::atomic<bool> stopping_{false};
  int sent_ = 0;
  std::thread thread_;
};

TEST(FlowControlTest, AFloodedTopicDoesNotDelayOtherSockets) {
  World world({}, OneShard());
  std::vector<std::unique_ptr<Conversation>> others;
  for (int i = 0; i < 5; ++i) {
    others.push_back(std::make_unique<Conversation>(world.port()));
    others.back()->Join(absl::StrCat("room:quiet-", i));
  }
  Flood flood(world.port());
  // The flood is under way once it is answered.
  EXPECT_EQ(flood.client().Hear()[3], "phx_reply");

  std::vector<milliseconds> latencies;
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < others.size(); ++i) {
      const auto start = Clock::now();
      others[i]->Echo(absl::StrCat("room:quiet-", i));
      latencies.push_back(
          std::chrono::duration_cast<milliseconds>(Clock::now() - start));
    }
  }
  std::sort(latencies.begin(), latencies.end());
  RecordProperty("latency_p50_ms",
                 static_cast<int>(latencies[latencies.size() / 2].count()));
  RecordProperty(
      "latency_p99_ms",
      static_cast<int>(latencies[latencies.size() * 99 / 100].count()));
  // In front of an echo are at most the 64 messages that the flooding socket
  // may have on their way, never the thousands that it would like to.
  EXPECT_LT(latencies[latencies.size() * 99 / 100], milliseconds(1'000));
  EXPECT_LT(latencies.back(), milliseconds(3'000));
  EXPECT_LT(flood.Stop(), kFloodMessages) << "the flood was over too early";
}

TEST(FlowControlTest, AFloodIsAnsweredInOrderAndInFull) {
  World world({}, OneShard());
  Conversation client(world.port());
  client.Join("room:flood");
  // Ten times what may be on its way at once.
  constexpr int kMessages = 640;
  std::thread talker([&client] {
    for (int i = 0; i < kMessages; ++i) {
      client.Say({"1", absl::StrCat(i), "room:flood", "echo", Json::object()});
    }
  });
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(client.Hear()[1], absl::StrCat(i));
  }
  talker.join();
}

}  // namespace
}  // namespace aerie::testing
