#include "edge/socket/drain_pace.h"

#include <gtest/gtest.h>

namespace aerie::edge {
namespace {

TEST(DrainPaceTest, FirstSocketClosesAtOnceAndTheLastInsideTheWindow) {
  const DrainPace pace(3, 30'000);
  EXPECT_EQ(pace.DueBy(0), 1u);
  EXPECT_EQ(pace.DueBy(9'999), 1u);
  EXPECT_EQ(pace.DueBy(10'000), 2u);
  EXPECT_EQ(pace.DueBy(20'000), 3u);
  EXPECT_EQ(pace.DueBy(30'000), 3u);
}

TEST(DrainPaceTest, ManySocketsCloseEvenly) {
  const DrainPace pace(50'000, 30'000);
  size_t before = pace.DueBy(0);
  for (int64_t elapsed_ms = 100; elapsed_ms < 30'000; elapsed_ms += 100) {
    const size_t due = pace.DueBy(elapsed_ms);
    EXPECT_GE(due - before, 166u);
    EXPECT_LE(due - before, 167u);
    before = due;
  }
  EXPECT_EQ(pace.DueBy(30'000), 50'000u);
}

TEST(DrainPaceTest, NothingIsDueOfNothing) {
  EXPECT_EQ(DrainPace(0, 30'000).DueBy(0), 0u);
  EXPECT_EQ(DrainPace(0, 30'000).DueBy(15'000), 0u);
}

TEST(DrainPaceTest, WithoutAWindowAllAreDueAtOnce) {
  EXPECT_EQ(DrainPace(7, 0).DueBy(0), 7u);
}

TEST(DrainPaceTest, LateTickCatchesUp) {
  EXPECT_EQ(DrainPace(1'000, 10'000).DueBy(5'000), 501u);
  EXPECT_EQ(DrainPace(1'000, 10'000).DueBy(60'000), 1'000u);
}

}  // namespace
}  // namespace aerie::edge
