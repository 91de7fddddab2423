#include "broker/shard/stable_hash.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

// Brokers of different versions must agree: these never change.
TEST(StableHashTest, IsWrittenInStone) {
  EXPECT_EQ(StableHash(""), 0xefd01f60ba992926u);
  EXPECT_EQ(StableHash("room:lobby"), 5019216182984870756u);
  EXPECT_EQ(StableHash("users:42"), 2827101767607497845u);
}

TEST(StableHashTest, SpreadsTopicsThatDifferInTheirLastDigits) {
  int counts[8] = {};
  for (int i = 0; i < 8'000; ++i) {
    ++counts[StableHash("room:" + std::to_string(i)) % 8];
  }
  for (const int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1'150);
  }
}

}  // namespace
}  // namespace aerie::broker
