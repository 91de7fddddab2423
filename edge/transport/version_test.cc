#include "edge/transport/version.h"

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

TEST(VersionTest, EveryPatchOfOneAndTwoIsKnown) {
  EXPECT_EQ(DialectOfVersion("1.0.0"), v1::DIALECT_V1);
  EXPECT_EQ(DialectOfVersion("1.0.17"), v1::DIALECT_V1);
  EXPECT_EQ(DialectOfVersion("2.0.0"), v1::DIALECT_V2);
  EXPECT_EQ(DialectOfVersion("2.0.9"), v1::DIALECT_V2);
}

TEST(VersionTest, BuildMetadataIsIgnored) {
  EXPECT_EQ(DialectOfVersion("2.0.0+build"), v1::DIALECT_V2);
  EXPECT_EQ(DialectOfVersion("1.0.0+a.b-1.2"), v1::DIALECT_V1);
}

TEST(VersionTest, EverythingElseIsRefused) {
  for (absl::string_view version :
       {"",           "2",         "2.0",        "1.1.0",   "2.1.0",
        "3.0.0",      "0.0.0",     "2.0.0-rc.1", "2.0.1-0", "abc",
        "2.0.0.0",    "2.0.",      ".0.0",       "02.0.0",  "2.00.0",
        "2.0.00",     "2.0.x",     " 2.0.0",     "2.0.0 ",  "2.0.0+",
        "2.0.0+a..b", "2.0.0+a_b", "2.0.0++a",   "+2.0.0",  "-2.0.0"}) {
    EXPECT_EQ(DialectOfVersion(version), v1::DIALECT_UNSPECIFIED) << version;
  }
}

TEST(ChooseDialectTest, WithoutVersionTheDefaultHolds) {
  EXPECT_EQ(ChooseDialect({{"a", "1"}}, v1::DIALECT_V1), v1::DIALECT_V1);
  EXPECT_EQ(ChooseDialect({}, v1::DIALECT_BRIDGE), v1::DIALECT_BRIDGE);
}

TEST(ChooseDialectTest, LastVersionWins) {
  EXPECT_EQ(ChooseDialect({{"vsn", "1.0.0"}, {"vsn", "2.0.0"}}, v1::DIALECT_V1),
            v1::DIALECT_V2);
  EXPECT_EQ(ChooseDialect({{"vsn", "2.0.0"}, {"vsn", "7"}}, v1::DIALECT_V1),
            v1::DIALECT_UNSPECIFIED);
}

TEST(ChooseDialectTest, AnEmptyVersionIsNotAnAbsentOne) {
  EXPECT_EQ(ChooseDialect({{"vsn", ""}}, v1::DIALECT_V1),
            v1::DIALECT_UNSPECIFIED);
}

TEST(ChooseDialectTest, AListIsNoVersion) {
  EXPECT_EQ(ChooseDialect({{"vsn[]", "2.0.0"}}, v1::DIALECT_V1),
            v1::DIALECT_UNSPECIFIED);
  EXPECT_EQ(ChooseDialect({{"vsn[a]", "2.0.0"}}, v1::DIALECT_V1),
            v1::DIALECT_UNSPECIFIED);
}

TEST(ChooseDialectTest, OtherNamesThatStartAlikeDoNotMatter) {
  EXPECT_EQ(ChooseDialect({{"vsn2", "x"}}, v1::DIALECT_V1), v1::DIALECT_V1);
}

}  // namespace
}  // namespace aerie::edge
