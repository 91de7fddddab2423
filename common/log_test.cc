#include "common/log.h"

#include <string>
#include <vector>

#include "common/log_line.h"
#include "common/log_throttle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::log {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr char kTextHead[] = "2026-11-22T10:00:00.250Z info happened";
constexpr char kJsonHead[] =
    R"({"time":"2026-11-22T10:00:00.250Z","level":"info","event":"happened")";

std::string Line(Format format, const std::vector<Field>& fields) {
  const absl::Time time =
      absl::FromUnixMillis(1'795'341'600'250);  // 2026-11-22 10:00 UTC.
  return FormatLine(format, time, Level::kInfo, "happened", fields);
}

std::string TextOf(const std::string& value) {
  return Line(Format::kText, {{"k", value}}).substr(sizeof(kTextHead) + 2);
}

std::string JsonOf(const std::string& value) {
  const std::string line = Line(Format::kJson, {{"k", value}});
  const size_t start = sizeof(kJsonHead) - 1 + sizeof(R"(,"k":)") - 1;
  return line.substr(start, line.size() - start - 1);
}

TEST(LogTest, ALineIsTimeLevelEventAndFields) {
  EXPECT_EQ(Line(Format::kText, {{"edge", "e-7"}, {"sockets", 8123}}),
            std::string(kTextHead) + " edge=e-7 sockets=8123");
  EXPECT_EQ(Line(Format::kJson, {{"edge", "e-7"}, {"sockets", 8123}}),
            std::string(kJsonHead) + R"(,"edge":"e-7","sockets":8123})");
}

TEST(LogTest, TextQuotesOnlyWhatWouldBeMisread) {
  EXPECT_EQ(TextOf("127.0.0.1:4000"), "127.0.0.1:4000");
  EXPECT_EQ(TextOf(""), R"("")");
  EXPECT_EQ(TextOf("two words"), R"("two words")");
  EXPECT_EQ(TextOf("a=b"), R"("a=b")");
  EXPECT_EQ(TextOf("say \"x\""), R"("say \"x\"")");
  EXPECT_EQ(TextOf("Zoë"), "\"Zoë\"");
}

TEST(LogTest, NoValueBreaksTheLine) {
  EXPECT_EQ(TextOf("a\nb\r\x1b"), R"("a\nb\x0d\x1b")");
  EXPECT_EQ(JsonOf("a\nb\r\x1b"), R"("a\nb\u000d\u001b")");
  EXPECT_EQ(TextOf(std::string("\0", 1)), R"("\x00")");
  EXPECT_EQ(JsonOf("\x7f"), R"("\u007f")");
}

TEST(LogTest, JsonIsUtf8WhateverTheBytes) {
  EXPECT_EQ(JsonOf("Zoë 🦅"), "\"Zoë 🦅\"");
  const char* const malformed[] = {
      "\xff",         "\xc3", "\xc0\xaf",         "\xed\xa0\x80",
      "\xe0\x80\x80", "\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80"};
  for (const char* bytes : malformed) {
    EXPECT_THAT(JsonOf(bytes), HasSubstr("\xEF\xBF\xBD"));
    EXPECT_THAT(TextOf(bytes), HasSubstr(R"(\x)"));
  }
}

TEST(LogTest, JsonKeepsNumbersAndBooleansBare) {
  EXPECT_THAT(Line(Format::kJson, {{"n", -4}, {"r", 0.5}, {"b", true}}),
              HasSubstr(R"("n":-4,"r":0.5,"b":true})"));
  EXPECT_THAT(Line(Format::kJson, {{"s", "17"}}), HasSubstr(R"("s":"17")"));
  EXPECT_THAT(Line(Format::kJson, {{"inf", 1e300 * 1e300}}),
              HasSubstr(R"("inf":"inf")"));
}

TEST(LogTest, LevelsBelowTheConfiguredOneAreOff) {
  Configure(Level::kWarning, Format::kText);
  EXPECT_FALSE(Enabled(Level::kInfo));
  EXPECT_TRUE(Enabled(Level::kWarning));
  testing::internal::CaptureStderr();
  Info("quiet");
  Warning("loud", {{"n", 1}});
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, testing::MatchesRegex(".*Z warning loud n=1\n"));
  Configure(Level::kInfo, Format::kText);
}

TEST(ThrottleTest, TenLinesASecondAndThenTheCountOfTheRest) {
  Throttle throttle;
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(throttle.Admit("lost", 5'000 + i), Optional(0));
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(throttle.Admit("lost", 5'100), std::nullopt);
  }
  EXPECT_THAT(throttle.Admit("lost", 6'000), Optional(7));
  EXPECT_THAT(throttle.Admit("lost", 6'001), Optional(0));
}

TEST(ThrottleTest, EventsDoNotSilenceEachOther) {
  Throttle throttle;
  for (int i = 0; i < 100; ++i) throttle.Admit("frequent", 1);
  EXPECT_THAT(throttle.Admit("rare", 1), Optional(0));
}

}  // namespace
}  // namespace aerie::log
