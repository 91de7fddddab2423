#include "common/rpc/backoff.h"

#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

TEST(BackoffTest, WaitsDoubleUpToTheMaximum) {
  Backoff backoff(200, 1000);
  EXPECT_EQ(backoff.NextMs(0), 100);
  EXPECT_EQ(backoff.NextMs(0), 200);
  EXPECT_EQ(backoff.NextMs(0), 400);
  EXPECT_EQ(backoff.NextMs(0), 500);
  EXPECT_EQ(backoff.NextMs(0), 500);
}

TEST(BackoffTest, WaitsAreDrawnFromTheUpperHalf) {
  Backoff backoff(200, 200);
  EXPECT_EQ(backoff.NextMs(0), 100);
  EXPECT_EQ(backoff.NextMs(0.5), 150);
  EXPECT_EQ(backoff.NextMs(0.999), 199);
}

TEST(BackoffTest, StartsOverAfterASuccess) {
  Backoff backoff(200, 10'000);
  for (int i = 0; i < 10; ++i) backoff.NextMs(0);
  backoff.Reset();
  EXPECT_EQ(backoff.NextMs(0), 100);
}

}  // namespace
}  // namespace aerie::rpc
