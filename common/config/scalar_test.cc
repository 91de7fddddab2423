#include "common/config/scalar.h"

#include "gtest/gtest.h"

namespace aerie::config {
namespace {

TEST(ScalarTest, IntegersAreDigits) {
  EXPECT_EQ(ParseInteger("0"), 0u);
  EXPECT_EQ(ParseInteger("18446744073709551615"), ~uint64_t{0});
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10",
                           "1_000", "ten", "18446744073709551616"}) {
    EXPECT_EQ(ParseInteger(text), absl::nullopt) << text;
  }
}

TEST(ScalarTest, DurationsHaveAUnit) {
  EXPECT_EQ(ParseDurationMs("30s"), 30'000u);
  EXPECT_EQ(ParseDurationMs("500ms"), 500u);
  EXPECT_EQ(ParseDurationMs("1h30m"), 5'400'000u);
  EXPECT_EQ(ParseDurationMs("1.5s"), 1'500u);
  EXPECT_EQ(ParseDurationMs("0"), 0u);
  for (const char* text : {"", "30", "-1s", "+1s", "inf", "1d", "s", "30 s",
                           "1us", "1.0001s", "99999999999999999999h"}) {
    EXPECT_EQ(ParseDurationMs(text), absl::nullopt) << text;
  }
}

TEST(ScalarTest, SizesTakeBinaryAndDecimalUnits) {
  EXPECT_EQ(ParseBytes("65536"), 65'536u);
  EXPECT_EQ(ParseBytes("64KiB"), 65'536u);
  EXPECT_EQ(ParseBytes("64Ki"), 65'536u);
  EXPECT_EQ(ParseBytes("10MB"), 10'000'000u);
  EXPECT_EQ(ParseBytes("2GiB"), uint64_t{2} << 30);
  for (const char* text : {"", "KiB", "1.5MiB", "1 MiB", "1mb", "1M", "-1",
                           "18446744073709551615KiB"}) {
    EXPECT_EQ(ParseBytes(text), absl::nullopt) << text;
  }
}

TEST(ScalarTest, WhatIsPrintedReadsTheSame) {
  for (const uint64_t value :
       {uint64_t{0}, uint64_t{1}, uint64_t{999}, uint64_t{1'024},
        uint64_t{60'000}, uint64_t{90'500}, uint64_t{10'000'000},
        uint64_t{86'400'000}, uint64_t{3} << 30}) {
    EXPECT_EQ(ParseBytes(FormatBytes(value)), value);
    EXPECT_EQ(ParseDurationMs(FormatDurationMs(value)), value);
  }
  EXPECT_EQ(FormatBytes(1 << 20), "1MiB");
  EXPECT_EQ(FormatBytes(10'000'000), "10MB");
  EXPECT_EQ(FormatDurationMs(30'000), "30s");
}

}  // namespace
}  // namespace aerie::config
