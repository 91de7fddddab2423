#include "broker/auth/policy.h"

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

TEST(PolicyTest, ModernDialectsReplaceAndAreLimited) {
  Limits limits;
  limits.channels_per_socket_max = 7;
  for (const v1::Dialect dialect :
       {v1::DIALECT_V1, v1::DIALECT_V2, v1::DIALECT_BRIDGE}) {
    EXPECT_EQ(PolicyOf(dialect, limits), (Policy{true, 7, false}));
  }
}

TEST(PolicyTest, TheFoundingDialectDoesNot) {
  EXPECT_EQ(PolicyOf(v1::DIALECT_FOUNDING, Limits()), (Policy{false, 0, true}));
}

}  // namespace
}  // namespace aerie::broker
