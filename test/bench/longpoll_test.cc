// The load's long polls against a broker and two edges: what succeeds, and that
// what goes wrong is told.

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "broker/options.h"
#include "edge/options.h"
#include "edge/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/bench/modes.h"
#include "test/bench/options.h"
#include "test/support/world.h"

namespace aerie::bench {
namespace {

using ::testing::HasSubstr;

// `/socket` on both edges; at `/plain` there are no long polls.
class LongPollModeTest : public ::testing::Test {
 protected:
  LongPollModeTest()
      : world_(EdgeOptions(), BrokerOptions()), other_(StartOther()) {
    for (const uint16_t port : {world_.port(), other_->port()}) {
      options_.targets.push_back(TargetOn(port, "/socket"));
    }
    options_.mode = "longpoll";
    options_.sockets = 40;
    options_.topics = 2;
    options_.window = 3;
    options_.parallel = 8;
    options_.warmup_sockets = 10;
    options_.warmup_seconds = 0.2;
    options_.seconds = 0.5;
    options_.topic = "room:bench";
    options_.event = "bcast";
    options_.broadcast_event = "bc";
  }

  // Windows are over while sessions wait.
  static broker::Options BrokerOptions() {
    broker::Options options = testing::World::BrokerOptions();
    options.limits.poll_window_ms = 300;
    return options;
  }

  static edge::Options EdgeOptions() {
    edge::MountOptions plain;
    plain.path = "/plain";
    plain.long_poll = false;
    edge::Options options;
    options.listener.mounts = {edge::MountOptions(), plain};
    return options;
  }

  std::unique_ptr<edge::Server> StartOther() {
    edge::Options options = EdgeOptions();
    options.name = "other";
    options.listener.address = "127.0.0.1:0";
    options.admin_address = "127.0.0.1:0";
    options.broker = absl::StrCat("127.0.0.1:", world_.broker().port());
    auto edge = edge::Server::Start(options);
    if (!edge.ok()) std::abort();
    while (!(*edge)->ready()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return *std::move(edge);
  }

  static Target TargetOn(uint16_t port, const std::string& mount) {
    return ParseTarget(
               absl::StrCat("ws://127.0.0.1:", port, mount, "/websocket"))
        .value();
  }

  std::string Failure() {
    const Json result = RunLongPoll(options_);
    EXPECT_GT(result["failures"], 0u);
    return result.value("first_failure", "");
  }

  testing::World world_;
  std::unique_ptr<edge::Server> other_;
  Options options_;
};

TEST_F(LongPollModeTest, EverySessionGetsEveryBroadcast) {
  const Json result = RunLongPoll(options_);
  EXPECT_EQ(result["failures"], 0u) << result;
  EXPECT_EQ(result["connections_parked"], 40u);
  // One to each edge, and those of the publishers' posts.
  EXPECT_GE(result["connections"], 80u);
  EXPECT_LE(result["connections"], 84u);
  EXPECT_GT(result["messages"], 0u);
  EXPECT_GT(result["latency_us"]["p50"], 0);
}

TEST_F(LongPollModeTest, OneTargetIsEnough) {
  options_.targets.pop_back();
  const Json result = RunLongPoll(options_);
  EXPECT_EQ(result["failures"], 0u) << result;
  EXPECT_GE(result["connections"], 40u);
}

TEST_F(LongPollModeTest, ABroadcastThatOneDoesNotGetIsMissing) {
  options_.event = "bcast_from";
  options_.warmup_seconds = 0;
  EXPECT_EQ(Failure(), "a broadcast is missing");
  options_.to_sender = false;
  EXPECT_EQ(RunLongPoll(options_)["failures"], 0u);
}

TEST_F(LongPollModeTest, WithoutBroadcastsItFails) {
  options_.event = "quiet";
  EXPECT_EQ(Failure(), "no deliveries");
}

TEST_F(LongPollModeTest, ARefusedJoinIsAFailure) {
  options_.topic = "room:deny";
  options_.topics = 1;
  EXPECT_THAT(Failure(), HasSubstr("not ok: "));
}

TEST_F(LongPollModeTest, AChannelThatCrashesIsAFailure) {
  options_.event = "boom";
  EXPECT_THAT(Failure(), HasSubstr("phx_error"));
}

TEST_F(LongPollModeTest, AMountWithoutLongPollsIsAFailure) {
  options_.targets = {TargetOn(world_.port(), "/plain")};
  EXPECT_THAT(Failure(), HasSubstr("opening: HTTP 404"));
}

TEST_F(LongPollModeTest, AnEdgeThatIsNotThereIsAFailure) {
  world_.StopEdge();
  EXPECT_NE(Failure(), "");
}

}  // namespace
}  // namespace aerie::bench
