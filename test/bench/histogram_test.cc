#include "test/bench/histogram.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace aerie::bench {
namespace {

TEST(HistogramTest, AnEmptyOneSaysZero) {
  EXPECT_EQ(Histogram().Quantile(0.5), 0);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (int64_t ns = 1; ns <= 60; ++ns) histogram.Add(ns);
  EXPECT_EQ(histogram.Quantile(0.5), 30);
  EXPECT_EQ(histogram.Quantile(1), 60);
}

TEST(HistogramTest, LargeValuesAreOffByLessThanTwoPercent) {
  for (int64_t ns = 1; ns < int64_t{1} << 50; ns = ns * 9 / 7 + 1) {
    Histogram histogram;
    histogram.Add(ns);
    histogram.Add(int64_t{1} << 51);
    EXPECT_GE(histogram.Quantile(0.5), ns);
    EXPECT_LE(histogram.Quantile(0.5), ns + ns / 50) << ns;
  }
}

TEST(HistogramTest, NothingExceedsTheLongest) {
  Histogram histogram;
  histogram.Add(1'000'003);
  EXPECT_EQ(histogram.Quantile(0.999), 1'000'003);
  EXPECT_EQ(histogram.max(), 1'000'003);
}

TEST(HistogramTest, TheTailIsFoundByItsRank) {
  Histogram histogram;
  for (int i = 0; i < 990; ++i) histogram.Add(10);
  for (int i = 0; i < 10; ++i) histogram.Add(50);
  EXPECT_EQ(histogram.Quantile(0.99), 10);
  EXPECT_EQ(histogram.Quantile(0.991), 50);
}

TEST(HistogramTest, AClockThatWentBackCountsAsNoTime) {
  Histogram histogram;
  histogram.Add(-5);
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.Quantile(1), 0);
}

}  // namespace
}  // namespace aerie::bench
