#ifndef AERIE_BROKER_SHARD_TESTING_SHARDS_FIXTURE_H_
#define AERIE_BROKER_SHARD_TESTING_SHARDS_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/channel/host.h"
#include "broker/channel/socket.h"
#include "broker/channel/testing/fake_edge.h"
#include "broker/channel/testing/fake_host.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/shards.h"
#include "broker/topic/router.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {

// A conversation with Shards on the test's own thread: one socket on one edge
// says things, a host answers when the test wants it to, and both are heard:
//
//   In("1", "1", "room:a", "phx_join");
//   Host(1, Joined{});
//   EXPECT_THAT(Edge(), ElementsAre("1 room:a join_reply 1/1 ok {}", ...));
//
// Topics `room:*` are the fake host's, and so are `vip:*`, whose route
// intercepts `secret`. One shard, so that pids count from 1.
class ShardsFixture : public testing::Test {
 protected:
  // Modern sockets' policy.
  static constexpr Policy kModern = {};
  static constexpr Policy kFounding = {.second_join_replaces = false,
                                       .topics_max = 0,
                                       .close_after_terminate = true};

  // Before the first message: what can't change later.
  Limits limits_;
  void Route(const std::string& pattern, std::shared_ptr<broker::Host> host,
             std::vector<std::string> intercepts = {});
  void UseShards(uint32_t count) { shard_count_ = count; }

  // A client says [join_ref, ref, topic, event, payload]; an empty ref is null.
  void In(absl::string_view join_ref, absl::string_view ref,
          absl::string_view topic, absl::string_view event,
          absl::string_view payload = "");
  void InOf(const SocketPtr& socket, absl::string_view join_ref,
            absl::string_view ref, absl::string_view topic,
            absl::string_view event, absl::string_view payload = "");
  // The same, without a turn.
  static SocketMessage Message(const SocketPtr& socket,
                               absl::string_view join_ref,
                               absl::string_view ref, absl::string_view topic,
                               absl::string_view event,
                               absl::string_view payload = "");

  // The fake host does something to the pid with this serial.
  template <typename What>
  void Host(uint64_t serial, What what) {
    Actions actions;
    actions.push_back({Pid{0, 0, serial}, std::move(what)});
    ASSERT_TRUE(shards().Post(std::move(actions)));
    shards().RunUntilIdle();
  }

  // Joins, has the host accept, and forgets what was said. The pid's serial.
  uint64_t Join(absl::string_view join_ref, absl::string_view topic) {
    return JoinOf(socket_, join_ref, topic);
  }
  uint64_t JoinOf(const SocketPtr& socket, absl::string_view join_ref,
                  absl::string_view topic, Joined joined = {});

  void Gone(const SocketPtr& socket, ExitReason reason = ExitReason::kClosed);
  void Advance(int64_t ms);

  SocketPtr MakeSocket(uint64_t number, Policy policy = kModern,
                       std::string id = "");

  // What was heard since the last call.
  std::vector<std::string> Edge() { return edge_->Take(); }
  std::vector<std::string> Calls() { return host_->Take(); }

  // Metrics, by the start of their line (`aerie_broker_channels`).
  double Metric(absl::string_view name) const;

  Shards& shards();

  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  std::shared_ptr<FakeEdge> edge_ = std::make_shared<FakeEdge>();
  SocketPtr socket_ = MakeSocket(1);

 private:
  std::vector<broker::Route> routes_;
  uint32_t shard_count_ = 1;
  std::unique_ptr<Shards> shards_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_TESTING_SHARDS_FIXTURE_H_
