#include "broker/channel/grant.h"

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000);

TEST(GrantTest, AllowsItsTopicsAndWhatBeginsWithItsPrefixes) {
  const Grant grant = {.topics = {"room:lobby"}, .prefixes = {"user:42:"}};
  EXPECT_TRUE(grant.Allows("room:lobby", kNow));
  EXPECT_TRUE(grant.Allows("user:42:inbox", kNow));
  EXPECT_TRUE(grant.Allows("user:42:", kNow));
  EXPECT_FALSE(grant.Allows("room:lobby2", kNow));
  EXPECT_FALSE(grant.Allows("room:", kNow));
  EXPECT_FALSE(grant.Allows("user:421", kNow));
  EXPECT_FALSE(grant.Allows("", kNow));
}

TEST(GrantTest, AStarInATopicIsAStar) {
  const Grant grant = {.topics = {"room:*"}, .prefixes = {}};
  EXPECT_TRUE(grant.Allows("room:*", kNow));
  EXPECT_FALSE(grant.Allows("room:1", kNow));
}

TEST(GrantTest, TheEmptyPrefixAllowsEverything) {
  const Grant grant = {.topics = {}, .prefixes = {""}};
  EXPECT_TRUE(grant.Allows("room:1", kNow));
  EXPECT_TRUE(grant.Allows("", kNow));
}

TEST(GrantTest, WithoutPatternsNothingIsAllowed) {
  EXPECT_FALSE(Grant().Allows("room:1", kNow));
}

TEST(GrantTest, AnExpiredOneAllowsNothing) {
  const Grant grant = {.topics = {}, .prefixes = {""}, .expires = kNow};
  EXPECT_TRUE(grant.Allows("room:1", kNow - absl::Milliseconds(1)));
  EXPECT_FALSE(grant.Allows("room:1", kNow));
}

}  // namespace
}  // namespace aerie::broker
