#include "edge/socket/admission.h"

#include <gtest/gtest.h>

#include <map>

namespace aerie::edge {
namespace {

class AdmissionTest : public ::testing::Test {
 protected:
  static Limits Of(uint32_t connects_per_second) {
    Limits limits;
    limits.connects_per_second = connects_per_second;
    return limits;
  }

  // How many of 1,000 clients are admitted now.
  int Admitted() {
    int admitted = 0;
    for (int i = 0; i < 1'000; ++i) admitted += admission_.Admit() ? 1 : 0;
    return admitted;
  }

  FakeClock clock_;
  Admission admission_{Of(100), /*threads=*/2, clock_};
};

TEST_F(AdmissionTest, ThreadAdmitsItsShareOfASecondAtOnceAndThenItsRate) {
  EXPECT_EQ(Admitted(), 50);
  EXPECT_EQ(Admitted(), 0);
  clock_.AdvanceMs(100);
  EXPECT_EQ(Admitted(), 5);
  clock_.AdvanceMs(60'000);
  EXPECT_EQ(Admitted(), 50);
}

TEST_F(AdmissionTest, ZeroAdmitsEverybody) {
  Admission admission(Of(0), 2, clock_);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(admission.Admit());
}

TEST_F(AdmissionTest, OthersAreToldToComeOneAfterTheOther) {
  std::map<uint32_t, int> told;
  for (int i = 0; i < 200; ++i) ++told[admission_.RetryAfterS()];
  const std::map<uint32_t, int> at_the_rate = {
      {1, 50}, {2, 50}, {3, 50}, {4, 50}};
  EXPECT_EQ(told, at_the_rate);
}

TEST_F(AdmissionTest, NobodyIsSentAwayForLong) {
  for (int i = 0; i < 10'000; ++i) {
    const uint32_t seconds = admission_.RetryAfterS();
    EXPECT_GE(seconds, 1u);
    EXPECT_LE(seconds, 10u);
  }
}

TEST_F(AdmissionTest, TurnsPassWithTime) {
  for (int i = 0; i < 200; ++i) admission_.RetryAfterS();
  clock_.AdvanceMs(4'000);
  EXPECT_EQ(admission_.RetryAfterS(), 1u);
}

}  // namespace
}  // namespace aerie::edge
