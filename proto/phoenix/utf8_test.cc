#include "proto/phoenix/utf8.h"

#include "gtest/gtest.h"

namespace aerie::phoenix {
namespace {

TEST(SkipUtf8, LeavesWhatIsNoWholeSequence) {
  EXPECT_EQ(SkipUtf8(""), "");
  EXPECT_EQ(SkipUtf8("12345678 ascii \xc3\xa9 \xf0\x9f\x9a\x80"), "");
  EXPECT_EQ(SkipUtf8("12345678\xf0\x9f\x9a"), "\xf0\x9f\x9a");
  EXPECT_EQ(SkipUtf8("a\xc3\xa9\xffz"), "\xffz");
}

TEST(IsUnfinishedUtf8, TakesEveryCutOfASequence) {
  for (const absl::string_view sequence :
       {"\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    for (size_t size = 0; size < sequence.size(); ++size) {
      EXPECT_TRUE(IsUnfinishedUtf8(sequence.substr(0, size)));
    }
    EXPECT_FALSE(IsUnfinishedUtf8(sequence));
  }
}

TEST(IsUnfinishedUtf8, RefusesWhatNoByteCanMend) {
  for (const absl::string_view rest :
       {"\x80", "\xc0", "\xc1", "\xf5", "\xff", "\xe0\x9f", "\xed\xa0",
        "\xf0\x8f", "\xf4\x90", "\xf0\x90(", "\xe2(", "\xc3("}) {
    EXPECT_FALSE(IsUnfinishedUtf8(rest));
  }
}

}  // namespace
}  // namespace aerie::phoenix
