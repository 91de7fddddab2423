#include "broker/auth/strict_json.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

std::string Nested(int depth) {
  std::string text = R"({"a":)";
  for (int i = 1; i < depth; ++i) text += '[';
  text += '1';
  for (int i = 1; i < depth; ++i) text += ']';
  return text + "}";
}

TEST(StrictJsonTest, ObjectsAreParsed) {
  const auto object = ParseJsonObject(
      " {\"a\": 1,\r\n \"b\": [{\"a\": 2}, {\"a\": 3}], \"c\": {\"a\": {}}} ");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(object->dump(), R"({"a":1,"b":[{"a":2},{"a":3}],"c":{"a":{}}})");
}

TEST(StrictJsonTest, WholeNumbersKeepTheirDigits) {
  EXPECT_EQ(ParseJsonObject(R"({"a":9007199254740993})")->dump(),
            R"({"a":9007199254740993})");
}

TEST(StrictJsonTest, NoOtherTextIs) {
  for (const char* text :
       {"", "{", "[]", "1", "null", "\"a\"", "{}{}", "{} x", "{a:1}", "{'a':1}",
        R"({"a":1,})", R"({"a":01})", R"({"a":NaN})", R"({"a":1e999})",
        "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", R"({"a":"\ud800"})",
        "\xEF\xBB\xBF{}", "/**/{}"}) {
    EXPECT_FALSE(ParseJsonObject(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseJsonObject(absl::string_view("{}\0", 3)).has_value());
  EXPECT_FALSE(
      ParseJsonObject(absl::string_view("{}\0{\"a\":1}", 10)).has_value());
}

TEST(StrictJsonTest, ANameMustNotStandTwice) {
  for (const char* text :
       {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"x":{"a":1,"a":2}})",
        R"({"x":[{},{"a":1,"b":{"a":1},"a":2}]})"}) {
    EXPECT_FALSE(ParseJsonObject(text).has_value()) << text;
  }
}

TEST(StrictJsonTest, NestingIsLimited) {
  EXPECT_TRUE(ParseJsonObject(Nested(32)).has_value());
  EXPECT_FALSE(ParseJsonObject(Nested(33)).has_value());
  EXPECT_FALSE(ParseJsonObject(std::string(100'000, '[')).has_value());
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_FALSE(ParseJsonObject(objects).has_value());
}

TEST(StrictJsonTest, FindTextFindsStringsOnly) {
  const auto object = ParseJsonObject(R"({"a":"x","b":1,"c":null})");
  ASSERT_NE(FindText(*object, "a"), nullptr);
  EXPECT_EQ(*FindText(*object, "a"), "x");
  EXPECT_EQ(FindText(*object, "b"), nullptr);
  EXPECT_EQ(FindText(*object, "c"), nullptr);
  EXPECT_EQ(FindText(*object, "d"), nullptr);
}

}  // namespace
}  // namespace aerie::broker
