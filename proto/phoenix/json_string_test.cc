#include "proto/phoenix/json_string.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::phoenix {
namespace {

std::string Escaped(absl::string_view content) {
  std::string json;
  AppendJsonString(content, &json);
  return json;
}

TEST(AppendJsonString, EscapesOnlyWhatItMust) {
  EXPECT_EQ(Escaped(""), R"("")");
  EXPECT_EQ(Escaped("room:lobby"), R"("room:lobby")");
  EXPECT_EQ(Escaped("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Escaped("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Escaped(absl::string_view("\0\x01\x1f", 3)),
            R"("\u0000\u0001\u001f")");
  EXPECT_EQ(Escaped("a/b\x7f"), "\"a/b\x7f\"");
  EXPECT_EQ(Escaped("é 日本 🚀 \u2028"), "\"é 日本 🚀 \u2028\"");
}

TEST(AppendJsonString, AppendsToWhatIsThere) {
  std::string json = "[";
  AppendJsonString("a long enough string, with a \n in it", &json);
  EXPECT_EQ(json, R"(["a long enough string, with a \n in it")");
}

TEST(UnescapeJsonString, KnowsEveryEscape) {
  EXPECT_EQ(UnescapeJsonString(R"("")"), "");
  EXPECT_EQ(UnescapeJsonString(R"("plain")"), "plain");
  EXPECT_EQ(UnescapeJsonString(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(UnescapeJsonString(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(UnescapeJsonString(R"("a\u00e9\u20AC\ud83d\ude80b")"), "aé€🚀b");
  EXPECT_EQ(UnescapeJsonString(R"("\u007f\u0080\u07ff\u0800\uffff")"),
            "\x7f\u0080\u07ff\u0800\uffff");
  EXPECT_EQ(UnescapeJsonString(R"("\udbff\udfff")"), "\U0010ffff");
  EXPECT_EQ(UnescapeJsonString(R"("\\u0041")"), "\\u0041");
}

TEST(UnescapeJsonString, UndoesAppendJsonString) {
  for (int size = 0; size < 20; ++size) {
    for (int byte = 0; byte < 128; ++byte) {
      std::string content(size, 'x');
      content.push_back(static_cast<char>(byte));
      content.append("ü");
      const std::string json = Escaped(content);
      EXPECT_EQ(UnescapeJsonString(json), content);
      EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), content);
    }
  }
}

TEST(ScanJsonString, TellsWhereTheStringEnds) {
  const absl::string_view text = R"(a\nb" rest)";
  const JsonStringEnd string =
      ScanJsonString(text.data(), text.data() + text.size());
  EXPECT_EQ(string.end, text.data() + 5);
  EXPECT_TRUE(string.escaped);
  EXPECT_EQ(string.fault, nullptr);
}

}  // namespace
}  // namespace aerie::phoenix
