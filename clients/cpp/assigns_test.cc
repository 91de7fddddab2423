#include "clients/cpp/assigns.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::client {
namespace {

TEST(AssignsTest, WhatIsNoObjectIsEmpty) {
  EXPECT_EQ(Assigns("").Text(), "{}");
  EXPECT_EQ(Assigns("[1]").Text(), "{}");
}

TEST(AssignsTest, KeysAreMergedAndValuesStayAsTheyAreWritten) {
  Assigns assigns(R"({ "id" : 18446744073709551617, "a": {"x":[1,"},:"]} })");
  ASSERT_TRUE(assigns.Merge(R"({"b":1.0,"a":"\"}"})").ok());
  EXPECT_EQ(assigns.Text(), R"({"a":"\"}","b":1.0,"id":18446744073709551617})");
}

TEST(AssignsTest, WhatIsRefusedChangesNothing) {
  Assigns assigns(R"({"a":1})");
  EXPECT_FALSE(assigns.Merge("{").ok());
  EXPECT_FALSE(assigns.Merge("7").ok());
  EXPECT_FALSE(
      assigns.Merge("{\"b\":\"" + std::string(64 << 10, 'x') + "\"}").ok());
  EXPECT_EQ(assigns.Text(), R"({"a":1})");
}

TEST(AssignsTest, NothingMergedIsNothing) {
  Assigns assigns("{ }");
  ASSERT_TRUE(assigns.Merge("{}").ok());
  EXPECT_EQ(assigns.Text(), "{}");
}

}  // namespace
}  // namespace aerie::client
