#ifndef AERIE_EDGE_TRANSPORT_TESTING_LISTENER_FIXTURE_H_
#define AERIE_EDGE_TRANSPORT_TESTING_LISTENER_FIXTURE_H_

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/transport/listener.h"
#include "edge/transport/options.h"
#include "edge/transport/testing/fake_sockets.h"
#include "edge/transport/testing/raw_client.h"
#include "gtest/gtest.h"

namespace aerie::edge {

// A listener on a free port with one io thread and FakeSockets behind it, and
// timeouts that a test can wait for.
class ListenerFixture : public ::testing::Test {
 protected:
  ListenerFixture() {
    options_.address = "127.0.0.1:0";
    options_.threads = 1;
    limits_.close_timeout_ms = 150;
  }
  ~ListenerFixture() override {
    if (listener_ != nullptr) listener_->Stop();
  }

  MountOptions& mount() { return options_.mounts[0]; }

  void Start() {
    auto listener = Listener::Create(options_, limits_, metrics_);
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    listener_->Start({&sockets_});
  }

  std::unique_ptr<RawClient> Client(
      RawClient::Tls tls = RawClient::Tls::kNo) const {
    return std::make_unique<RawClient>(listener_->port(), tls);
  }

  // An open WebSocket.
  std::unique_ptr<RawClient> WebSocket(
      const std::vector<std::pair<std::string, std::string>>& headers = {},
      absl::string_view target = "/socket/websocket?vsn=2.0.0") const {
    auto client = Client();
    EXPECT_TRUE(client->Upgrade(target, headers));
    return client;
  }

  // That the listener serves on, whatever happened to others.
  void ExpectServes() {
    auto client = WebSocket();
    client->SendText("still here");
    EXPECT_EQ(client->ReadFrame().payload, "still here");
  }

  static double Count(const Counter& counter) { return counter.Value(); }
  double Closes(CloseCause cause) const {
    return Count(*metrics_.connections_closed[IndexOf(cause)]);
  }
  // A client may learn of a close before it is counted.
  bool AwaitCloses(CloseCause cause, double count) const {
    for (int i = 0; i < 500 && Closes(cause) < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return Closes(cause) == count;
  }

  ListenerOptions options_;
  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  FakeSockets sockets_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TESTING_LISTENER_FIXTURE_H_
