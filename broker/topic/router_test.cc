#include "broker/topic/router.h"

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

class RouterTest : public testing::Test {
 protected:
  void Add(const std::string& pattern) {
    ASSERT_TRUE(router_.Add({pattern, nullptr, {}}).ok());
  }
  std::string Find(absl::string_view topic) {
    const Route* route = router_.Find(topic);
    return route == nullptr ? "none" : route->pattern;
  }

  Router router_;
};

TEST_F(RouterTest, APatternIsATopicOrAPrefix) {
  Add("lobby");
  Add("room:*");
  EXPECT_EQ(Find("lobby"), "lobby");
  EXPECT_EQ(Find("lobby:1"), "none");
  EXPECT_EQ(Find("room:1"), "room:*");
  EXPECT_EQ(Find("room:"), "room:*");
  EXPECT_EQ(Find("room"), "none");
  EXPECT_EQ(Find(""), "none");
}

TEST_F(RouterTest, TheFirstDeclaredMatchWins) {
  Add("room:vip");
  Add("room:*");
  Add("room:late");
  EXPECT_EQ(Find("room:vip"), "room:vip");
  EXPECT_EQ(Find("room:late"), "room:*");
}

TEST_F(RouterTest, PhoenixIsRoutedOnlyWhenDeclared) {
  Add("room:*");
  EXPECT_EQ(Find("phoenix"), "none");
  Add("phoenix");
  EXPECT_EQ(Find("phoenix"), "phoenix");
}

TEST_F(RouterTest, AStarAloneMatchesEverything) {
  Add("*");
  EXPECT_EQ(Find("anything"), "*");
  EXPECT_EQ(Find(""), "*");
}

TEST_F(RouterTest, TheCanarysTopicIsNobodys) {
  Add("*");
  Add("aerie:canary");
  EXPECT_EQ(Find("aerie:canary"), "none");
  EXPECT_EQ(Find("aerie:canary2"), "*");
}

TEST_F(RouterTest, PatternsThatCannotMatchAreRefused) {
  EXPECT_FALSE(router_.Add({"", nullptr, {}}).ok());
  EXPECT_FALSE(router_.Add({"room:*:x", nullptr, {}}).ok());
  EXPECT_FALSE(router_.Add({"room:**", nullptr, {}}).ok());
}

}  // namespace
}  // namespace aerie::broker
