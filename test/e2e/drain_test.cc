// How clients are told to go when an edge, or a broker, is to stop.

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr uint32_t kWindowMs = 2'000;
constexpr int kSockets = 20;

edge::Options Draining() {
  edge::Options options;
  options.drain_window_ms = kWindowMs;
  return options;
}

TEST(DrainTest, SocketsAreClosedWith1012AtASteadyPace) {
  World world(Draining());
  std::vector<std::unique_ptr<Conversation>> clients;
  for (int i = 0; i < kSockets; ++i) {
    clients.push_back(std::make_unique<Conversation>(world.port()));
    // Those without a channel are told, too.
    if (i % 2 == 0) clients.back()->Join("room:a");
  }
  const auto start = Clock::now();
  std::thread drain([&world] { world.edge().Drain(); });
  std::vector<std::thread> readers;
  readers.reserve(kSockets);
  std::vector<milliseconds> closed_after(kSockets);
  for (int i = 0; i < kSockets; ++i) {
    readers.emplace_back([&, i] {
      EXPECT_EQ(clients[i]->CloseCode(), 1012);
      closed_after[i] =
          std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    });
  }
  for (std::thread& reader : readers) reader.join();
  drain.join();

  std::sort(closed_after.begin(), closed_after.end());
  // Neither all at once nor all at the end.
  EXPECT_GT(closed_after.back() - closed_after.front(),
            milliseconds(kWindowMs / 4));
  EXPECT_LT(closed_after[kSockets / 2], milliseconds(kWindowMs));
}

TEST(DrainTest, NobodyIsLetInMeanwhile) {
  World world(Draining());
  Conversation client(world.port());
  std::thread drain([&world] { world.edge().Drain(); });
  // Those who came in just before are told to go, too.
  HttpAnswer answer;
  do {
    answer = RawWebSocket(world.port()).answer();
  } while (answer.status == 101);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.Header("retry-after"), "");
  EXPECT_FALSE(world.edge().ready());
  EXPECT_EQ(client.CloseCode(), 1012);
  drain.join();
}

TEST(DrainTest, ADrainingBrokerEndsItsChannelsAndKeepsTheSockets) {
  World world;
  Conversation client(world.port());
  client.Join("room:a", "1");
  world.DrainBroker();
  client.Expect(
      {"1", "1", "room:a", "phx_error", {{"reason", "channel_crash"}}});
  client.Say({nullptr, "2", "phoenix", "heartbeat", Json::object()});
  EXPECT_EQ(client.Hear()[1], "2");
  world.StopBroker();
  world.StartBroker();
  world.AwaitLink();
  client.Join("room:a", "3");
}

}  // namespace
}  // namespace aerie::testing
