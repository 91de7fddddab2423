#include "common/rpc/bearer_token.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

using Code = absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

std::string WriteFile(const std::string& text) {
  std::string file = ::testing::TempDir() + "/bearer_token";
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

TEST(BearerTokenTest, WhiteSpaceAtItsEndsIsNoneOfIt) {
  EXPECT_EQ(*ReadTokenFile(WriteFile(" \tt0k.en/+=\r\n")), "t0k.en/+=");
  setenv("AERIE_TEST_BEARER", " t\n", 1);
  EXPECT_EQ(*ReadTokenVariable("AERIE_TEST_BEARER"), "t");
}

TEST(BearerTokenTest, WhatNoHeaderCanCarryIsRefusedAndNotRepeated) {
  for (const std::string text :
       {"hush\nhush", "hush\r\nx: y", "hu\x01sh", "hush\x7f", "h\xc3\xbcsh",
        "\xef\xbb\xbfhush"}) {
    const absl::Status status = ReadTokenFile(WriteFile(text)).status();
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("bearer_token"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("sh\n")));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush")));
  }
  EXPECT_EQ(TakeToken(absl::string_view("hush\0x", 6), "it").status().code(),
            Code::kInvalidArgument);
}

TEST(BearerTokenTest, ItHasABound) {
  const std::string longest(kTokenBytesMax, 'a');
  EXPECT_EQ(*ReadTokenFile(WriteFile(longest + "\n")), longest);
  EXPECT_EQ(ReadTokenFile(WriteFile(longest + "a")).status().code(),
            Code::kInvalidArgument);
  // Endless, and all of it blank.
  EXPECT_EQ(
      ReadTokenFile(WriteFile(std::string(1 << 20, '\n'))).status().code(),
      Code::kInvalidArgument);
}

TEST(BearerTokenTest, WhereThereIsNoneThatIsSaid) {
  EXPECT_EQ(ReadTokenFile("/nonexistent/token").status().code(),
            Code::kNotFound);
  EXPECT_EQ(ReadTokenFile("/").status().code(), Code::kNotFound);
  EXPECT_EQ(ReadTokenFile(WriteFile("")).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(ReadTokenVariable("AERIE_TEST_NO_SUCH_VARIABLE").status().code(),
            Code::kNotFound);
}

}  // namespace
}  // namespace aerie::rpc
