#include "edge/socket/uplink.h"

#include <gtest/gtest.h>

#include "common/clock.h"
#include "edge/socket/testing/fake_upstream.h"

namespace aerie::edge {
namespace {

class UplinkTest : public ::testing::Test {
 protected:
  static Limits TestLimits() {
    Limits limits;
    limits.relink_joins_per_second = 100;
    limits.relink_storm_ms = 60'000;
    return limits;
  }

  // How many of 1,000 joins are let through now.
  int Admitted() {
    int admitted = 0;
    for (int i = 0; i < 1'000; ++i) admitted += uplink_.AdmitJoin() ? 1 : 0;
    return admitted;
  }

  FakeClock clock_;
  FakeUpstream upstream_;
  Uplink uplink_{upstream_, TestLimits(), /*threads=*/2, clock_};
};

TEST_F(UplinkTest, IsUpBetweenUpAndLost) {
  EXPECT_FALSE(uplink_.up());
  uplink_.Up(3);
  EXPECT_TRUE(uplink_.up());
  EXPECT_EQ(uplink_.epoch(), 3u);
  uplink_.Lost();
  EXPECT_FALSE(uplink_.up());
}

TEST_F(UplinkTest, FirstLinkHasNoStorm) {
  uplink_.Up(1);
  EXPECT_EQ(Admitted(), 1'000);
}

TEST_F(UplinkTest, RelinkAdmitsTheThreadsShareOfASecondAtOnce) {
  uplink_.Up(1);
  uplink_.Lost();
  uplink_.Up(2);
  EXPECT_EQ(Admitted(), 50);
}

TEST_F(UplinkTest, StormIsPacedAsTimePasses) {
  uplink_.Up(1);
  uplink_.Lost();
  uplink_.Up(2);
  Admitted();
  clock_.AdvanceMs(100);
  EXPECT_EQ(Admitted(), 5);
  clock_.AdvanceMs(10);
  EXPECT_EQ(Admitted(), 0);
  clock_.AdvanceMs(10);
  EXPECT_EQ(Admitted(), 1);
}

TEST_F(UplinkTest, QuietTimeEarnsNoMoreThanASecondsJoins) {
  uplink_.Up(1);
  uplink_.Lost();
  uplink_.Up(2);
  clock_.AdvanceMs(30'000);
  EXPECT_EQ(Admitted(), 50);
}

TEST_F(UplinkTest, StormEnds) {
  uplink_.Up(1);
  uplink_.Lost();
  uplink_.Up(2);
  clock_.AdvanceMs(59'999);
  EXPECT_EQ(Admitted(), 50);
  clock_.AdvanceMs(1);
  EXPECT_EQ(Admitted(), 1'000);
}

TEST_F(UplinkTest, SmallRateStillLetsOneThrough) {
  Limits limits;
  limits.relink_joins_per_second = 1;
  Uplink uplink(upstream_, limits, /*threads=*/4, clock_);
  uplink.Up(1);
  uplink.Up(2);
  EXPECT_TRUE(uplink.AdmitJoin());
  EXPECT_FALSE(uplink.AdmitJoin());
  clock_.AdvanceMs(4'000);
  EXPECT_TRUE(uplink.AdmitJoin());
}

}  // namespace
}  // namespace aerie::edge
