#include "broker/auth/scope.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

TEST(ScopeTest, EachIsReadByItsName) {
  for (int i = 0; i < kScopes; ++i) {
    const auto scope = static_cast<Scope>(i);
    const absl::StatusOr<Scope> parsed = ParseScope(ScopeName(scope));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, scope);
  }
  EXPECT_EQ(ScopeName(Scope::kRead), "read");
  EXPECT_EQ(ScopeName(Scope::kEdge), "edge");
}

TEST(ScopeTest, AnyOtherNameIsAnErrorThatSaysWhichThereAre) {
  for (const char* name : {"", "Read", "read ", "*", "write"}) {
    const absl::Status status = ParseScope(name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("read, publish, admin, host or edge"));
  }
}

TEST(ScopeTest, NoneImpliesAnother) {
  for (int i = 0; i < kScopes; ++i) {
    ScopeSet set;
    set.Add(static_cast<Scope>(i));
    for (int j = 0; j < kScopes; ++j) {
      EXPECT_EQ(set.Has(static_cast<Scope>(j)), i == j);
    }
  }
}

}  // namespace
}  // namespace aerie::broker
