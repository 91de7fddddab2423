#include "broker/shard/recent_keys.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

class RecentKeysTest : public ::testing::Test {
 protected:
  MetricsRegistry registry_;
  Counter& evicted_ = registry_.AddCounter("evicted", "");
};

TEST_F(RecentKeysTest, AKeyIsNewOnce) {
  RecentKeys keys(3, 1'000, evicted_);
  EXPECT_TRUE(keys.Add("a", 0));
  EXPECT_FALSE(keys.Add("a", 1));
  EXPECT_TRUE(keys.Add("b", 2));
  EXPECT_FALSE(keys.Add("a", 3));
}

TEST_F(RecentKeysTest, TheOldestIsForgottenWhenThereAreTooMany) {
  RecentKeys keys(2, 1'000, evicted_);
  EXPECT_TRUE(keys.Add("a", 0));
  EXPECT_TRUE(keys.Add("b", 0));
  EXPECT_TRUE(keys.Add("c", 0));
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_EQ(evicted_.Value(), 1);
  EXPECT_FALSE(keys.Add("b", 0));
  EXPECT_TRUE(keys.Add("a", 0));
}

TEST_F(RecentKeysTest, AKeyIsForgottenWhenItsTimeIsOver) {
  RecentKeys keys(100, 1'000, evicted_);
  EXPECT_TRUE(keys.Add("a", 0));
  EXPECT_TRUE(keys.Add("b", 500));
  EXPECT_FALSE(keys.Add("a", 999));
  EXPECT_TRUE(keys.Add("a", 1'000));
  EXPECT_FALSE(keys.Add("b", 1'000));
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_EQ(evicted_.Value(), 0);
}

// A use of a known key does not make it younger: its first use counts.
TEST_F(RecentKeysTest, ARepeatedUseDoesNotProlong) {
  RecentKeys keys(100, 1'000, evicted_);
  EXPECT_TRUE(keys.Add("a", 0));
  EXPECT_FALSE(keys.Add("a", 900));
  EXPECT_TRUE(keys.Add("a", 1'100));
}

TEST_F(RecentKeysTest, ManyKeysStayFindable) {
  RecentKeys keys(10'000, 1'000, evicted_);
  for (int i = 0; i < 10'000; ++i)
    EXPECT_TRUE(keys.Add(std::to_string(i), i / 100));
  for (int i = 0; i < 10'000; ++i)
    EXPECT_FALSE(keys.Add(std::to_string(i), 100));
}

}  // namespace
}  // namespace aerie::broker
