#ifndef AERIE_BROKER_HOSTS_ATTACHED_TESTING_ATTACHED_FIXTURE_H_
#define AERIE_BROKER_HOSTS_ATTACHED_TESTING_ATTACHED_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/channel/socket.h"
#include "broker/channel/testing/fake_edge.h"
#include "broker/channel/testing/fake_host.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/attached_hosts.h"
#include "broker/hosts/attached/testing/host_frames.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/shards.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {

// The stream of a host that a test plays: records what the broker says.
class FakeHostStream final : public HostStream {
 public:
  void Send(v1::ChannelFrame frame) override {
    if (end_.ok()) frames_.push_back(std::move(frame));
  }
  void Attached() override { attached_ = true; }
  void Resume() override { ++resumed_; }
  void End(absl::Status reason) override {
    if (end_.ok()) end_ = std::move(reason);
  }

  // What has come since the last call.
  std::vector<std::string> Take();

  bool attached() const { return attached_; }
  int resumed() const { return resumed_; }
  // Why the broker has ended it; OK if it hasn't.
  const absl::Status& end() const { return end_; }
  // The latest frame.
  const v1::ChannelFrame& last() const { return last_; }

 private:
  std::vector<v1::ChannelFrame> frames_;
  v1::ChannelFrame last_;
  absl::Status end_;
  bool attached_ = false;
  int resumed_ = 0;
};

// A host that a test plays.
struct PlayedHost {
  std::shared_ptr<FakeHostStream> stream;
  AttachedHostPtr host;
};

// A conversation between clients on one edge and hosts, with real shards in
// between, on the test's own thread. Topics `local:*` are a FakeHost's; what
// else there is, hosts register.
class AttachedFixture : public testing::Test {
 protected:
  ~AttachedFixture() override;

  // Before the first message.
  Limits limits_;
  void UseShards(uint32_t count) { shard_count_ = count; }
  void UseRoutes(std::vector<AttachedRoute> routes) {
    routes_ = std::move(routes);
  }

  PlayedHost Attach(const v1::HostFrame& registration);
  PlayedHost Attach(const std::string& instance,
                    const std::vector<std::string>& patterns = {"room:*"},
                    uint32_t capacity = 0) {
    return Attach(Registration(instance, patterns, capacity));
  }
  // The host's stream ends.
  void Lose(const PlayedHost& host);
  // The host says something, as hosts may.
  void Say(const PlayedHost& host, std::vector<v1::HostFrame> frames) {
    EXPECT_EQ(TrySay(host, std::move(frames)), absl::OkStatus());
  }
  // The same; what is wrong with it.
  absl::Status TrySay(const PlayedHost& host,
                      std::vector<v1::HostFrame> frames);
  static std::vector<std::string> Hear(const PlayedHost& host) {
    return host.stream->Take();
  }

  // A client says something: as in ShardsFixture.
  void In(absl::string_view join_ref, absl::string_view ref,
          absl::string_view topic, absl::string_view event,
          absl::string_view payload = "") {
    InOf(socket_, join_ref, ref, topic, event, payload);
  }
  void InOf(const SocketPtr& socket, absl::string_view join_ref,
            absl::string_view ref, absl::string_view topic,
            absl::string_view event, absl::string_view payload = "");
  // Joins, has the host accept, and forgets what was said. The channel.
  uint64_t Join(const PlayedHost& host, absl::string_view join_ref,
                absl::string_view topic) {
    return JoinOf(socket_, host, join_ref, topic);
  }
  uint64_t JoinOf(const SocketPtr& socket, const PlayedHost& host,
                  absl::string_view join_ref, absl::string_view topic);
  void Gone(const SocketPtr& socket, ExitReason reason);
  void Advance(int64_t ms);
  SocketPtr MakeSocket(uint64_t number, Policy policy = {},
                       std::string id = "") {
    return std::make_shared<Socket>(edge_, number, std::move(id), "", policy);
  }

  // What the edge has heard since the last call.
  std::vector<std::string> Edge() { return edge_->Take(); }

  // By the start of its line; 0 while there is none.
  double Metric(absl::string_view name) const;

  Shards& shards();
  AttachedHosts& hosts() {
    shards();
    return *hosts_;
  }
  void Run() { shards().RunUntilIdle(); }

  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeHost> local_ = std::make_shared<FakeHost>();
  std::shared_ptr<FakeEdge> edge_ = std::make_shared<FakeEdge>();
  SocketPtr socket_ = MakeSocket(1);

 private:
  uint32_t shard_count_ = 1;
  std::vector<AttachedRoute> routes_;
  std::unique_ptr<AttachedHosts> hosts_;
  std::unique_ptr<Shards> shards_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_TESTING_ATTACHED_FIXTURE_H_
