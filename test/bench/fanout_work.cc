#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "common/clock.h"
#include "common/metrics.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/socket.h"
#include "edge/socket/socket_table.h"
#include "edge/socket/transport.h"
#include "edge/socket/upstream.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/phoenix/frame.h"
#include "test/bench/wire.h"
#include "test/bench/work.h"

namespace aerie::bench {
namespace {

constexpr uint64_t kSockets = 1'000;
constexpr uint64_t kBroadcasts = 100;

// Takes frames as a WebSocket does, and drops them.
class Sink final : public edge::Transport {
 public:
  void Send(const phoenix::Frame& frame) override {
    bytes_ += frame.bytes->size();
  }
  void Close(uint16_t) override { Wrong("a socket was closed"); }
  void Pause() override { Wrong("a socket was paused"); }
  void Resume() override {}

  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t bytes_ = 0;
};

// A broker that lets everybody in.
class Broker final : public edge::Upstream {
 public:
  void Send(v1::EdgeFrame frame) override { last_ = std::move(frame); }
  uint64_t last_socket() const { return last_.socket(); }

 private:
  v1::EdgeFrame last_;
};

// What the edge's core costs per delivery: 100 broadcasts of 64 bytes to 1,000
// sockets of one topic.
class FanoutWork final : public Work {
 public:
  FanoutWork() {
    table_.LinkUp(1);
    for (uint64_t i = 1; i <= kSockets; ++i) Join(Open(), i);
    v1::Fanout& fanout = *broadcast_.mutable_fanout();
    fanout.set_groups(1);
    fanout.mutable_message()->set_kind(v1::Message::KIND_BROADCAST);
    fanout.mutable_message()->set_topic("room:bench");
    fanout.mutable_message()->set_event("msg");
    fanout.mutable_message()->set_json(NumberedPayload(1, 64));
  }

  void Run() override {
    const uint64_t before = transports_.back().bytes();
    for (uint64_t i = 0; i < kBroadcasts; ++i) table_.Apply(broadcast_);
    if (transports_.back().bytes() < before + kBroadcasts * 64) {
      Wrong("not every broadcast was delivered");
    }
  }

 private:
  uint64_t Open() {
    v1::Connect request;
    request.set_mount("/socket");
    request.set_dialect(v1::DIALECT_V2);
    bool accepted = false;
    table_.Connect(std::move(request), [&](const edge::ConnectAnswer& answer) {
      accepted = std::holds_alternative<edge::SocketNumber>(answer);
    });
    v1::BrokerFrame opened;
    opened.set_socket(broker_.last_socket());
    opened.mutable_opened()->set_resume_blob("blob");
    table_.Apply(opened);
    if (!accepted) Wrong("a socket was refused");
    table_.Open(opened.socket(), transports_.emplace_back());
    return opened.socket();
  }

  void Join(uint64_t socket, uint64_t pid) {
    v1::BrokerFrame frame;
    frame.set_socket(socket);
    frame.mutable_enlist()->set_topic("room:bench");
    frame.mutable_enlist()->set_pid(pid);
    frame.mutable_enlist()->set_join_ref("\"1\"");
    table_.Apply(frame);
  }

  FakeClock clock_;
  MetricsRegistry registry_;
  edge::Metrics metrics_{registry_};
  Broker broker_;
  std::deque<Sink> transports_;
  edge::SocketTable table_{0, 1, edge::Limits(), broker_, metrics_, clock_};
  v1::BrokerFrame broadcast_;
};

}  // namespace

std::unique_ptr<Work> MakeWork() { return std::make_unique<FanoutWork>(); }

}  // namespace aerie::bench
