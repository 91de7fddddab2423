// Both ends of a link, over real gRPC: the edge's link, whose io thread is the
// test's own, and brokers.

#include "edge/link/broker_link.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/link/frames.h"
#include "test/link/test_broker.h"

namespace aerie::testing {
namespace {

using ::testing::ElementsAre;

// An io thread whose turns the test runs, waiting for them.
class TestThread final : public edge::LinkedThread {
 public:
  void Post(absl::AnyInvocable<void()> turn) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    turns_.push_back(std::move(turn));
    posted_.notify_one();
  }

  void PostAfter(std::chrono::microseconds /*delay*/,
                 absl::AnyInvocable<void()> turn) override {
    Post(std::move(turn));
  }

  void LinkUp(uint64_t epoch) override {
    ++links_;
    log_.push_back(absl::StrCat("up ", epoch));
  }
  void LinkLost() override { log_.push_back("lost"); }
  void Apply(const v1::BrokerFrame& frame) override {
    if (frame.has_welcome()) return;  // LinkUp has said so.
    if (frame.has_opened()) {
      blobs_[frame.socket()] = frame.opened().resume_blob();
    }
    const std::string text = Text(frame);
    if (!text.empty()) log_.push_back(text);
  }

  // Runs the turns that are posted by now.
  void RunPosted() {
    for (auto& turn : TakeTurns()) turn();
  }

  // Runs turns until something has been logged as often as that.
  [[nodiscard]] bool WaitFor(const std::string& text, size_t times = 1) {
    return WaitUntil([&] {
      return static_cast<size_t>(std::count(log_.begin(), log_.end(), text)) >=
             times;
    });
  }

  // Runs turns until so many links have been up.
  [[nodiscard]] bool WaitForLinks(int count) {
    return WaitUntil([&] { return links_ >= count; });
  }

  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }
  const std::string& blob(uint64_t socket) { return blobs_[socket]; }

 private:
  std::vector<absl::AnyInvocable<void()>> TakeTurns() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(turns_, {});
  }

  bool WaitUntil(const std::function<bool()>& done) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!posted_.wait_until(lock, deadline,
                                [this] { return !turns_.empty(); })) {
          return false;
        }
      }
      RunPosted();
    }
    return true;
  }

  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<absl::AnyInvocable<void()>> turns_;  // By mutex_.
  // The test's own.
  int links_ = 0;
  std::vector<std::string> log_;
  std::map<uint64_t, std::string> blobs_;
};

class BrokerLinkTest : public ::testing::Test {
 protected:
  void Link(const std::string& target, const edge::Limits& limits = {}) {
    edge::BrokerLinkOptions options;
    options.target = target;
    options.instance = "edge-1";
    options.reconnect = {.min_ms = 10, .max_ms = 100};
    link_ = std::make_unique<edge::BrokerLink>(options, limits, metrics_,
                                               Clock::Real());
    link_->Start({&thread_});
  }
  static std::string Either(const TestBroker& a, const TestBroker& b) {
    return absl::StrCat("ipv4:", a.address(), ",", b.address());
  }

  MetricsRegistry registry_;
  edge::Metrics metrics_{registry_};
  TestThread thread_;
  std::unique_ptr<edge::BrokerLink> link_;
};

TEST_F(BrokerLinkTest, ASocketTalksOverTheLink) {
  const TestBroker broker;
  Link(broker.address());
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  EXPECT_TRUE(link_->up());
  link_->Send(Connect(1));
  ASSERT_TRUE(thread_.WaitFor("1 opened"));
  link_->Send(Event(1, "room:a", "phx_join", 1));
  link_->Send(Event(1, "room:a", "echo", 2));
  ASSERT_TRUE(thread_.WaitFor("1 reply room:a 2 ok"));
  EXPECT_THAT(thread_.TakeLog(),
              ElementsAre("up 1", "1 opened", "1 join_reply room:a ok",
                          "1 reply room:a 2 ok"));
}

TEST_F(BrokerLinkTest, SocketsResumeOnAnotherBroker) {
  auto first = std::make_unique<TestBroker>();
  auto second = std::make_unique<TestBroker>();
  Link(Either(*first, *second));
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  link_->Send(Connect(1, "users:1"));
  ASSERT_TRUE(thread_.WaitFor("1 opened"));

  const bool at_first = first->metrics().links.Value() == 1;
  (at_first ? first : second)->Stop();
  ASSERT_TRUE(thread_.WaitFor("lost"));
  EXPECT_FALSE(link_->up());
  link_->Send(Event(1, "room:a", "phx_join", 1));  // Dropped.
  ASSERT_TRUE(thread_.WaitForLinks(2));
  thread_.TakeLog();

  link_->Send(Resume(1, thread_.blob(1)));
  link_->Send(Event(1, "room:a", "phx_join", 2));
  link_->Send(Event(1, "room:a", "whoami", 3));
  ASSERT_TRUE(thread_.WaitFor("1 reply room:a 3 ok"));
  EXPECT_THAT(thread_.TakeLog(),
              ElementsAre("1 join_reply room:a ok", "1 reply room:a 3 ok"));
  EXPECT_EQ(metrics_.links_lost.Value(), 1);
  EXPECT_EQ(metrics_.link_frames_dropped.Value(), 1);
}

TEST_F(BrokerLinkTest, ADrainingBrokerIsLeftForAnother) {
  auto first = std::make_unique<TestBroker>();
  auto second = std::make_unique<TestBroker>();
  Link(Either(*first, *second));
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  const bool at_first = first->metrics().links.Value() == 1;
  TestBroker& draining = at_first ? *first : *second;
  draining.Drain();
  ASSERT_TRUE(thread_.WaitFor("lost"));
  EXPECT_FALSE(link_->up());
  // Attempts that reach the draining one again fail, and count.
  ASSERT_TRUE(thread_.WaitForLinks(2));
  const TestBroker& other = at_first ? *second : *first;
  EXPECT_EQ(other.metrics().links.Value(), 1);
  EXPECT_EQ(metrics_.link_drains.Value(), 1);
  EXPECT_EQ(metrics_.links_lost.Value(), 0);
}

TEST_F(BrokerLinkTest, AFullThreadStopsTheReaderUntilItHasCaughtUp) {
  constexpr uint64_t kEvents = 100;
  edge::Limits limits;
  limits.thread_inbox_bytes_max = 10'000;
  const TestBroker broker;
  Link(broker.address(), limits);
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  link_->Send(Connect(1));
  ASSERT_TRUE(thread_.WaitFor("1 opened"));
  link_->Send(Event(1, "room:a", "phx_join", 1));
  const std::string payload =
      absl::StrCat("{\"x\":\"", std::string(20'000, 'x'), "\"}");
  for (uint64_t ref = 2; ref < kEvents; ++ref) {
    link_->Send(Event(1, "room:a", "echo", ref, payload));
  }
  thread_.RunPosted();  // They leave.
  while (metrics_.link_reader_pauses.Value() == 0) std::this_thread::yield();
  ASSERT_TRUE(
      thread_.WaitFor(absl::StrCat("1 reply room:a ", kEvents - 1, " ok")));
  EXPECT_EQ(thread_.TakeLog().size(), kEvents + 1) << "nothing is lost";
  EXPECT_EQ(metrics_.thread_inbox_bytes.Value(), 0);
}

TEST_F(BrokerLinkTest, CloseSendsWhatIsQueued) {
  const TestBroker broker;
  Link(broker.address());
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  link_->Send(Connect(1));
  ASSERT_TRUE(thread_.WaitFor("1 opened"));
  for (uint64_t i = 2; i < 1'000; ++i) link_->Send(Connect(i));
  link_->Close(absl::Seconds(20));
  EXPECT_FALSE(link_->up());
  EXPECT_EQ(broker.metrics().connects_opened.Value(), 999);
  EXPECT_EQ(broker.metrics().sockets.Value(), 0);
  ASSERT_TRUE(thread_.WaitFor("lost"));
}

TEST_F(BrokerLinkTest, CloseDoesNotWaitForABrokerThatIsNotThere) {
  Link("127.0.0.1:1");
  link_->Close(absl::Seconds(20));
  EXPECT_THAT(thread_.TakeLog(), ElementsAre());
}

TEST_F(BrokerLinkTest, CloseEndsALinkWhoseThreadNoLongerRuns) {
  edge::Limits limits;
  limits.thread_inbox_bytes_max = 1;
  const TestBroker broker;
  Link(broker.address(), limits);
  ASSERT_TRUE(thread_.WaitFor("up 1"));
  for (uint64_t i = 1; i < 100; ++i) link_->Send(Connect(i));
  link_->Close(absl::Milliseconds(50));
  EXPECT_FALSE(link_->up());
}

}  // namespace
}  // namespace aerie::testing
