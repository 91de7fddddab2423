#include "edge/socket/canary.h"

#include <string>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "edge/socket/testing/fake_upstream.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

class CanaryTest : public ::testing::Test {
 protected:
  void LinkUp(uint32_t minor = 4) {
    uplink_.Up(++epoch_);
    canary_.Welcomed(minor);
  }

  Limits limits_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  FakeUpstream broker_;
  Uplink uplink_{broker_, limits_, 1, clock_};
  Canary canary_{/*thread=*/0, uplink_, limits_, metrics_, clock_};
  uint64_t epoch_ = 0;
};

TEST_F(CanaryTest, OneIsSentEachSecond) {
  LinkUp();
  for (int second = 0; second < 3; ++second) {
    canary_.Tick();
    const std::vector<v1::EdgeFrame> sent = broker_.TakeFrames();
    ASSERT_EQ(sent.size(), 1);
    EXPECT_TRUE(sent[0].has_canary());
    canary_.Heard();
    clock_.AdvanceMs(999);
    canary_.Tick();
    EXPECT_TRUE(broker_.TakeFrames().empty());
    clock_.AdvanceMs(1);
  }
}

TEST_F(CanaryTest, ItsAgeCountsFromTheLastOneHeard) {
  LinkUp();
  canary_.Tick();
  clock_.AdvanceMs(30);
  canary_.Heard();
  EXPECT_EQ(canary_.AgeMs(), 0);
  clock_.AdvanceMs(970);
  canary_.Tick();
  EXPECT_EQ(canary_.AgeMs(), 970);
  clock_.AdvanceMs(7'000);
  EXPECT_EQ(canary_.AgeMs(), 7'970);
  canary_.Heard();
  EXPECT_EQ(canary_.AgeMs(), 0);
}

TEST_F(CanaryTest, OtherThreadsOnlyHear) {
  Canary other(/*thread=*/1, uplink_, limits_, metrics_, clock_);
  LinkUp();
  other.Welcomed(4);
  other.Tick();
  EXPECT_TRUE(broker_.TakeFrames().empty());
  clock_.AdvanceMs(2'000);
  EXPECT_EQ(other.AgeMs(), 2'000);
  other.Heard();
  EXPECT_EQ(other.AgeMs(), 0);
}

TEST_F(CanaryTest, NoSecondOneIsSentBeforeTheFirstIsBack) {
  LinkUp();
  canary_.Tick();
  clock_.AdvanceMs(60'000);
  canary_.Tick();
  EXPECT_EQ(broker_.TakeFrames().size(), 1);
}

TEST_F(CanaryTest, ItGrowsOldWithoutALink) {
  canary_.Tick();
  EXPECT_TRUE(broker_.TakeFrames().empty());
  clock_.AdvanceMs(5'000);
  EXPECT_EQ(canary_.AgeMs(), 5'000);
}

TEST_F(CanaryTest, ANewLinkGetsANewOne) {
  LinkUp();
  canary_.Tick();
  uplink_.Lost();
  canary_.LinkLost();
  clock_.AdvanceMs(2'000);
  canary_.Tick();
  EXPECT_EQ(broker_.TakeFrames().size(), 1);
  LinkUp();
  EXPECT_EQ(canary_.AgeMs(), 2'000);
  canary_.Tick();
  EXPECT_EQ(broker_.TakeFrames().size(), 1);
}

TEST_F(CanaryTest, AnOlderBrokerIsNotBlamed) {
  LinkUp(/*minor=*/3);
  clock_.AdvanceMs(60'000);
  canary_.Tick();
  EXPECT_TRUE(broker_.TakeFrames().empty());
  EXPECT_EQ(canary_.AgeMs(), 0);
  // Nor is the newer one that takes its place.
  canary_.LinkLost();
  LinkUp();
  EXPECT_EQ(canary_.AgeMs(), 0);
  clock_.AdvanceMs(500);
  EXPECT_EQ(canary_.AgeMs(), 500);
}

TEST_F(CanaryTest, ItsWayIsMeasured) {
  LinkUp();
  canary_.Tick();
  clock_.AdvanceMs(40);
  canary_.Heard();
  const std::string text = registry_.Text();
  EXPECT_NE(text.find("aerie_edge_canary_seconds_bucket{le=\"0.025\"} 0"),
            std::string::npos);
  EXPECT_NE(text.find("aerie_edge_canary_seconds_bucket{le=\"0.05\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace aerie::edge
