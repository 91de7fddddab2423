#include "common/build_info.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(BuildInfoTest, VersionIsThreeNumbers) {
  EXPECT_THAT(std::string(Version()), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(BuildInfoTest, NamesTheProcessAndTheVersion) {
  EXPECT_THAT(BuildInfo("edge"),
              StartsWith("aerie-edge " + std::string(Version()) + " (commit "));
}

TEST(BuildInfoTest, TheMetricIsOneAndTheLabelsTell) {
  MetricsRegistry registry;
  AddBuildInfo(registry, "broker");
  EXPECT_THAT(registry.Text(), HasSubstr("aerie_broker_build_info{"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("version=\"" + std::string(Version()) + "\"} 1"));
}

}  // namespace
}  // namespace aerie
