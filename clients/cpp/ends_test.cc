#include "clients/cpp/ends.h"

#include <memory>
#include <string>

#include "clients/cpp/limits.h"
#include "gtest/gtest.h"

namespace aerie::client {
namespace {

TEST(EndsTest, AnEndIsOverForThoseWhoWaitAndThoseWhoComeLater) {
  Ending ending;
  int told = 0;
  ending.WhenOver([&] { ++told; });
  EXPECT_EQ(told, 0);
  ending.SetOver();
  EXPECT_EQ(told, 1);
  ending.WhenOver([&] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST(EndsTest, TheFirstOfAKeyStays) {
  FakeClock clock;
  Ends ends(clock);
  const auto first = std::make_shared<Ending>();
  ends.Add("a", first);
  ends.Add("a", std::make_shared<Ending>());
  EXPECT_EQ(ends.Find("a"), first);
  EXPECT_EQ(ends.Find("b"), nullptr);
}

TEST(EndsTest, EndsAreForgottenAfterTenMinutes) {
  FakeClock clock;
  Ends ends(clock);
  ends.Add("old", std::make_shared<Ending>());
  clock.AdvanceMs(600'001);
  ends.Add("new", std::make_shared<Ending>());
  EXPECT_EQ(ends.Find("old"), nullptr);
  EXPECT_NE(ends.Find("new"), nullptr);
}

TEST(EndsTest, TheOldestGoWhenThereAreTooMany) {
  FakeClock clock;
  Ends ends(clock);
  for (size_t i = 0; i <= limits::kEndsMax; ++i) {
    ends.Add(std::to_string(i), std::make_shared<Ending>());
  }
  EXPECT_EQ(ends.Find("0"), nullptr);
  EXPECT_NE(ends.Find("1"), nullptr);
}

}  // namespace
}  // namespace aerie::client
