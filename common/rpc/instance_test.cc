#include "common/rpc/instance.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

using ::testing::MatchesRegex;
using ::testing::Ne;

TEST(InstanceTest, ANameIsNewEachTime) {
  EXPECT_THAT(NewInstanceName("edge-7"), MatchesRegex("edge-7-[0-9a-f]{8}"));
  EXPECT_THAT(NewInstanceName("edge-7"), Ne(NewInstanceName("edge-7")));
}

TEST(InstanceTest, WithoutANameItIsTheMachines) {
  EXPECT_THAT(NewInstanceName(""), MatchesRegex(".+-[0-9a-f]{8}"));
}

TEST(InstanceTest, ALongNameIsCut) {
  EXPECT_EQ(NewInstanceName(std::string(1000, 'x')).size(), 109);
}

}  // namespace
}  // namespace aerie::rpc
