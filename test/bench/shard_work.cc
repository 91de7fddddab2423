#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/channel/edge.h"
#include "broker/channel/socket.h"
#include "broker/hosts/registry.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "broker/shard/shards.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "test/bench/wire.h"
#include "test/bench/work.h"

namespace aerie::bench {
namespace {

constexpr uint64_t kSockets = 200;
constexpr int kRounds = 20;
constexpr int kBroadcasts = 1'000;

// Takes frames as a link does, and drops them.
class Sink final : public broker::Edge {
 public:
  void Send(v1::BrokerFrame frame) override {
    fanouts_ += frame.has_fanout();
    replies_ += frame.message().kind() == v1::Message::KIND_REPLY;
  }

  uint64_t fanouts() const { return fanouts_; }
  uint64_t replies() const { return replies_; }

 private:
  uint64_t fanouts_ = 0;
  uint64_t replies_ = 0;
};

// What the rules of the broker cost: each of 200 sockets has a push answered by
// the built-in echo, twenty times; then one socket has 1,000 pushes broadcast
// by the built-in relay. One shard, without its thread.
class ShardWork final : public Work {
 public:
  ShardWork() {
    for (uint64_t i = 1; i <= kSockets; ++i) {
      sockets_.push_back(
          std::make_shared<broker::Socket>(edge_, i, "", "", broker::Policy()));
      Say(i - 1, "echo:bench", "phx_join");
      Say(i - 1, "room:bench", "phx_join");
    }
    Turn();
  }

  void Run() override {
    const uint64_t replies = edge_->replies();
    const uint64_t fanouts = edge_->fanouts();
    for (int round = 0; round < kRounds; ++round) {
      for (uint64_t i = 0; i < kSockets; ++i) Say(i, "echo:bench", "echo");
      Turn();
    }
    for (int i = 0; i < kBroadcasts; ++i) {
      Say(0, "room:bench", "msg");
      Turn();
    }
    if (edge_->replies() - replies != kRounds * kSockets + kBroadcasts) {
      Wrong("not every push was answered");
    }
    if (edge_->fanouts() - fanouts != kBroadcasts) {
      Wrong("not every message was broadcast");
    }
  }

 private:
  static std::shared_ptr<const broker::Router> MakeRouter() {
    return broker::HostRegistry().MakeRouter(broker::Options().routes).value();
  }

  void Say(uint64_t socket, const char* topic, const char* event) {
    v1::Message message;
    message.set_topic(topic);
    message.set_event(event);
    message.set_ref("\"7\"");
    message.set_join_ref("\"7\"");
    message.set_json(payload_);
    batch_.push_back({sockets_[socket], std::move(message)});
  }

  void Turn() {
    shards_.In(std::exchange(batch_, {}));
    shards_.RunUntilIdle();
  }

  const std::string payload_ = NumberedPayload(1, 64);
  FakeClock clock_;
  MetricsRegistry registry_;
  broker::Metrics metrics_{registry_};
  broker::Limits limits_;
  broker::Shards shards_{1, MakeRouter(), limits_, clock_, metrics_};
  std::shared_ptr<Sink> edge_ = std::make_shared<Sink>();
  std::vector<broker::SocketPtr> sockets_;
  std::vector<broker::SocketMessage> batch_;
};

}  // namespace

std::unique_ptr<Work> MakeWork() { return std::make_unique<ShardWork>(); }

}  // namespace aerie::bench
