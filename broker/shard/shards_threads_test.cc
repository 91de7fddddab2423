// Shards with their threads, sockets on several others.

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "broker/hosts/registry.h"
#include "broker/shard/shards.h"
#include "common/metrics.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

// Counts what it is sent.
class CountingEdge final : public Edge {
 public:
  void Send(v1::BrokerFrame frame) override {
    if (frame.has_fanout()) ++fanouts;
    if (frame.has_credit()) credits += frame.credit().frames();
    if (frame.has_message()) ++messages[frame.message().kind()];
  }

  std::atomic<int> fanouts{0};
  std::atomic<uint32_t> credits{0};
  std::array<std::atomic<int>, v1::Message::Kind_ARRAYSIZE> messages = {};
};

SocketMessage Say(const SocketPtr& socket, const std::string& topic,
                  const std::string& event) {
  v1::Message message;
  message.set_topic(topic);
  message.set_event(event);
  message.set_ref("\"1\"");
  return {socket, std::move(message)};
}

TEST(ShardsThreadsTest, EveryMessageIsAnsweredAndEveryChannelEnds) {
  constexpr int kLinks = 4;
  constexpr int kRounds = 200;
  MetricsRegistry registry;
  Metrics metrics(registry);
  const Limits limits;
  const auto router = HostRegistry().MakeRouter(
      {{"room:*", "relay", {}, {}}, {"echo:*", "echo", {}, {}}});
  ASSERT_TRUE(router.ok());
  Shards shards(3, *router, limits, Clock::Real(), metrics);
  shards.Start();

  const auto edge = std::make_shared<CountingEdge>();
  std::vector<std::thread> links;
  links.reserve(kLinks);
  for (int link = 0; link < kLinks; ++link) {
    links.emplace_back([&shards, &edge, link] {
      for (int round = 0; round < kRounds; ++round) {
        const auto socket = std::make_shared<Socket>(
            edge, link * kRounds + round, "users:" + std::to_string(round), "",
            Policy{});
        shards.SocketOpened(socket);
        std::vector<SocketMessage> batch;
        for (const char* topic : {"room:1", "echo:1", "echo:2"}) {
          batch.push_back(Say(socket, topic, "phx_join"));
          batch.push_back(Say(socket, topic, "said"));
        }
        batch.push_back(Say(socket, "echo:1", "phx_leave"));
        batch.push_back(Say(socket, "nowhere", "phx_join"));
        shards.In(std::move(batch));
        shards.SocketGone(socket, ExitReason::kClosed);
      }
    });
  }
  for (std::thread& link : links) link.join();

  std::promise<void> drained;
  shards.Drain([&drained] { drained.set_value(); });
  drained.get_future().wait();
  shards.Stop();

  constexpr int kSockets = kLinks * kRounds;
  EXPECT_EQ(edge->messages[v1::Message::KIND_JOIN_REPLY], 3 * kSockets);
  EXPECT_EQ(edge->messages[v1::Message::KIND_REPLY], 3 * kSockets);
  EXPECT_EQ(edge->messages[v1::Message::KIND_LEAVE_REPLY], kSockets);
  EXPECT_EQ(edge->messages[v1::Message::KIND_UNMATCHED], kSockets);
  EXPECT_EQ(edge->fanouts, kSockets);
  EXPECT_EQ(metrics.channels.Value(), 0);
}

}  // namespace
}  // namespace aerie::broker
