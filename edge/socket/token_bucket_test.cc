#include "edge/socket/token_bucket.h"

#include <gtest/gtest.h>

namespace aerie::edge {
namespace {

// How many of 1,000 pass at a time.
int Passed(TokenBucket& bucket, int64_t now_ms) {
  int passed = 0;
  for (int i = 0; i < 1'000; ++i) passed += bucket.Take(now_ms) ? 1 : 0;
  return passed;
}

TEST(TokenBucketTest, ASecondsWorthPassesAtOnce) {
  TokenBucket bucket(50, 7'000);
  EXPECT_EQ(Passed(bucket, 7'000), 50);
  EXPECT_EQ(Passed(bucket, 7'000), 0);
}

TEST(TokenBucketTest, OthersPassAtTheRate) {
  TokenBucket bucket(50, 0);
  Passed(bucket, 0);
  EXPECT_EQ(Passed(bucket, 100), 5);
  EXPECT_EQ(Passed(bucket, 110), 0);
  EXPECT_EQ(Passed(bucket, 120), 1);
}

TEST(TokenBucketTest, AskingInVainCostsNothing) {
  TokenBucket bucket(10, 0);
  Passed(bucket, 0);
  int passed = 0;
  for (int64_t now_ms = 1; now_ms <= 10'000; ++now_ms) {
    passed += bucket.Take(now_ms) ? 1 : 0;
  }
  EXPECT_NEAR(passed, 100, 1);
}

TEST(TokenBucketTest, QuietTimeEarnsNoMoreThanASecondsWorth) {
  TokenBucket bucket(50, 0);
  EXPECT_EQ(Passed(bucket, 60'000), 50);
}

TEST(TokenBucketTest, LessThanOneASecondIsStillOneAtATime) {
  TokenBucket bucket(0.25, 0);
  EXPECT_EQ(Passed(bucket, 0), 1);
  EXPECT_EQ(Passed(bucket, 3'999), 0);
  EXPECT_EQ(Passed(bucket, 4'000), 1);
}

TEST(TokenBucketTest, FillMakesItFull) {
  TokenBucket bucket(50, 0);
  Passed(bucket, 0);
  bucket.Fill(10);
  EXPECT_EQ(Passed(bucket, 10), 50);
}

}  // namespace
}  // namespace aerie::edge
