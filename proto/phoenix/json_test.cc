#include "proto/phoenix/json.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::phoenix {
namespace {

std::string Nested(int depth, absl::string_view open, absl::string_view close) {
  std::string text;
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, open);
  absl::StrAppend(&text, "1");
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, close);
  return text;
}

// String literals keep their NULs.
template <size_t kSize>
absl::string_view Text(const char (&literal)[kSize]) {
  return {literal, kSize - 1};
}

TEST(ValidateJson, TakesWhatTheGrammarHas) {
  for (const absl::string_view text :
       {Text("{}"),
        Text("[]"),
        Text("[[]   ]"),
        Text("[\"\"]"),
        Text("[null, 1, \"1\", {}]"),
        Text("[1,null,null,null,2]"),
        Text(" [1] "),
        Text("\r\n\t [1]\r\n\t "),
        Text("{\"\":0}"),
        Text("{\"a\":\"b\",\"a\":\"b\"}"),
        Text("{\"a\":[]}"),
        Text("{\"foo\\u0000bar\": 42}"),
        Text("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
        Text("{\n\"a\": \"b\"\n}"),
        Text("true"),
        Text("false"),
        Text("null"),
        Text("42"),
        Text("\"\""),
        Text("\"asd\"")}) {
    EXPECT_TRUE(ValidateJson(text).ok()) << text;
  }
}

TEST(ValidateJson, TakesNumbersOfEverySize) {
  for (const absl::string_view text :
       {"0", "-0", "-0.0", "0e1", "0e+1", "0E400", "123", "-123", "123e65",
        "20e1", "1E22", "1E-2", "1E+2", "123.456e78", "1e-400", "-1e-10000",
        "1.7976931348623157e308", "9007199254740993",
        "-123123123123123123123123123123"}) {
    EXPECT_TRUE(ValidateJson(text).ok()) << text;
  }
  EXPECT_TRUE(ValidateJson(std::string(1000, '7')).ok());
  EXPECT_TRUE(ValidateJson("0." + std::string(1000, '7')).ok());
}

TEST(ValidateJson, RefusesNumbersThatOverflowADouble) {
  for (const absl::string_view text :
       {"1e400", "-1e400", "1E+309", "1.8e308", "123123e100000",
        "1e99999999999999999999", "0.4e00669999999999999999999999"}) {
    EXPECT_FALSE(ValidateJson(text).ok()) << text;
  }
  EXPECT_FALSE(ValidateJson(std::string(400, '7') + ".5").ok());
}

TEST(ValidateJson, RefusesMalformedNumbers) {
  for (const absl::string_view text : {"-",
                                       "+1",
                                       "++1234",
                                       "-01",
                                       "01",
                                       "012",
                                       "-012",
                                       "1.",
                                       "-1.",
                                       "2.e3",
                                       "2.e+3",
                                       ".5",
                                       ".-1",
                                       "-.123",
                                       "1e",
                                       "1e+",
                                       "0e",
                                       "0e+",
                                       "0E",
                                       "0.3e",
                                       "0.3e+",
                                       "1.0e",
                                       "1.0e-",
                                       "9.e+",
                                       "1eE2",
                                       "0e+-1",
                                       "1+2",
                                       "0x1",
                                       "0x42",
                                       "1_000",
                                       "1 000",
                                       "Inf",
                                       "-Infinity",
                                       "NaN",
                                       "-NaN",
                                       "nan",
                                       "Infinity",
                                       "1a",
                                       "-1x",
                                       "- 1",
                                       "1.2a-3",
                                       "-foo",
                                       "1.8011670033376514H-308",
                                       "\xef\xbc\x91"}) {
    EXPECT_FALSE(ValidateJson(text).ok()) << text;
    EXPECT_FALSE(ValidateJson(absl::StrCat("[", text, "]")).ok()) << text;
  }
}

TEST(ValidateJson, RefusesMalformedStructure) {
  for (const absl::string_view text : {Text(""),
                                       Text(" "),
                                       Text("["),
                                       Text("]"),
                                       Text("[["),
                                       Text("{"),
                                       Text("}"),
                                       Text("{]"),
                                       Text("[}"),
                                       Text("[1"),
                                       Text("[1,"),
                                       Text("[,1]"),
                                       Text("[1,,2]"),
                                       Text("[1,]"),
                                       Text("[1 2]"),
                                       Text("[1:2]"),
                                       Text("[1 true]"),
                                       Text("[\"\",]"),
                                       Text("[\"a\" \"b\"]"),
                                       Text("[\"x\"]]"),
                                       Text("[1]x"),
                                       Text("[][]"),
                                       Text("1]"),
                                       Text("{} {}"),
                                       Text("{}#"),
                                       Text("{\"a\":true} \"x\""),
                                       Text("{\"a\"}"),
                                       Text("{\"a\":}"),
                                       Text("{\"a\" \"b\"}"),
                                       Text("{\"a\"::\"b\"}"),
                                       Text("{\"a\":\"b\",}"),
                                       Text("{\"a\":\"b\",,\"c\":\"d\"}"),
                                       Text("{,\"a\":1}"),
                                       Text("{:1}"),
                                       Text("{1:1}"),
                                       Text("{a:1}"),
                                       Text("{'a':1}"),
                                       Text("{null:null}"),
                                       Text("{\"a\":1 \"b\":2}"),
                                       Text("{\"a\":1"),
                                       Text("{\"a\":"),
                                       Text("{\"a\""),
                                       Text("{\"a"),
                                       Text("{\"a\":/*c*/1}"),
                                       Text("[1]//"),
                                       Text("['a']"),
                                       Text("[\f1]"),
                                       Text("[\v1]"),
                                       Text("[\xc2\xa0"
                                            "1]"),
                                       Text("[1]\0"),
                                       Text("\0[1]"),
                                       Text("tru"),
                                       Text("True"),
                                       Text("TRUE"),
                                       Text("truex"),
                                       Text("nul"),
                                       Text("fals"),
                                       Text("*"),
                                       Text("<null>")}) {
    EXPECT_FALSE(ValidateJson(text).ok()) << text;
  }
}

TEST(ValidateJson, TakesEveryEscape) {
  for (const absl::string_view text :
       {Text(R"("\"\\\/\b\f\n\r\t")"), Text(R"("\u0060\u012a\u12AB")"),
        Text(R"("\u0000")"), Text(R"("\\u0000")"), Text(R"("\ud801\udc37")"),
        Text(R"("\ud83d\ude39\ud83d\udc8d")"), Text(R"("\uDBFF\uDFFF")"),
        Text(R"("\uffff")"), Text(R"("\u002c")"), Text("\"\x7f\""),
        Text("\"a/*b*/c/*d//e\""), Text("\"\xe2\x80\xa8\""),
        Text("\"\xf0\x9f\x9a\x80\""), Text("\"\xf4\x8f\xbf\xbf\"")}) {
    EXPECT_TRUE(ValidateJson(text).ok()) << text;
  }
}

TEST(ValidateJson, RefusesMalformedStrings) {
  for (const absl::string_view text : {Text("\""),
                                       Text("\"a"),
                                       Text("\"\\"),
                                       Text("\"\\\""),
                                       Text("\"\\a\""),
                                       Text("\"\\x00\""),
                                       Text("\"\\U0041\""),
                                       Text("\"\\u\""),
                                       Text("\"\\u1\""),
                                       Text("\"\\u12\""),
                                       Text("\"\\u123\""),
                                       Text("\"\\u12"),
                                       Text("\"\\u00G0\""),
                                       Text("\"\\u-123\""),
                                       Text("\"\\u 123\""),
                                       Text("\"\\\xe5\""),
                                       Text("\"\t\""),
                                       Text("\"a\nb\""),
                                       Text("\"a\0b\""),
                                       Text("\"\x1f\""),
                                       Text("\"12345678\x01"
                                            "12345678\""),
                                       Text("abc"),
                                       Text("'a'"),
                                       Text("\"a\"b"),
                                       Text("\\u0020\"asd\"")}) {
    EXPECT_FALSE(ValidateJson(text).ok()) << text;
  }
}

TEST(ValidateJson, RefusesLoneSurrogates) {
  for (const absl::string_view text :
       {R"("\ud800")", R"("\uDADA")", R"("\udc00")", R"("\uDFAA")",
        R"("\ud800abc")", R"("\ud800\n")", R"("\ud800\u0041")",
        R"("\ud800\ud800")", R"("\ud800\ud800\n")", R"("\uDd1e\uD834")",
        R"("\ud800\udc0")", R"("\ud800\udc)", R"("\ud800\)"}) {
    EXPECT_FALSE(ValidateJson(text).ok()) << text;
  }
}

TEST(ValidateJson, RefusesWhatIsNotUtf8) {
  for (const absl::string_view bytes :
       {"\xff", "\x81", "\xe9", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
        "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfc\x80\x80\x80\x80\xaf",
        "\xe6\x97\xa5\xd1\x88\xfa", "\xc3", "\xe2\x82", "\xf0\x9f\x9a",
        "\xe2(\xa1", "\xc3\xc3"}) {
    EXPECT_FALSE(ValidateJson(absl::StrCat("\"", bytes, "\"")).ok());
    EXPECT_FALSE(ValidateJson(absl::StrCat("{\"", bytes, "\":1}")).ok());
    EXPECT_FALSE(ValidateJson(absl::StrCat("\"12345678", bytes, "\"")).ok());
    EXPECT_FALSE(ValidateJson(bytes).ok());
    EXPECT_FALSE(IsValidUtf8(bytes));
    EXPECT_FALSE(IsValidUtf8(absl::StrCat("12345678", bytes, "12345678")));
  }
}

TEST(ValidateJson, RefusesAByteOrderMark) {
  EXPECT_FALSE(ValidateJson("\xef\xbb\xbf{}").ok());
  EXPECT_FALSE(ValidateJson("\xef\xbb\xbf").ok());
  EXPECT_FALSE(ValidateJson(Text("\xff\xfe[\0]\0")).ok());
}

TEST(ValidateJson, NestsToTheLimitAndNoDeeper) {
  EXPECT_TRUE(ValidateJson(Nested(kJsonDepthMax, "[", "]")).ok());
  EXPECT_TRUE(ValidateJson(Nested(kJsonDepthMax, "{\"a\":", "}")).ok());
  EXPECT_FALSE(ValidateJson(Nested(kJsonDepthMax + 1, "[", "]")).ok());
  EXPECT_FALSE(ValidateJson(Nested(kJsonDepthMax + 1, "{\"a\":", "}")).ok());
  EXPECT_FALSE(ValidateJson(std::string(1 << 20, '[')).ok());
}

TEST(ValidateJson, TellsThePlaceButNotTheText) {
  EXPECT_EQ(ValidateJson("[1, secret]").message(),
            "json: value expected at byte 4");
  EXPECT_EQ(ValidateJson("[1, secret]").code(),
            absl::StatusCode::kInvalidArgument);
}

// Each prefix of a text that ends with its last byte is no text, and needs no
// byte behind its end to be told (the sanitizers watch).
TEST(ValidateJson, RefusesEveryPrefix) {
  const std::string text =
      R"({"a":[true,false,null,-1.5e+3,"\u00e9\ud83d\ude80é🚀"],"b":{}})";
  ASSERT_TRUE(ValidateJson(text).ok());
  for (size_t size = 0; size < text.size(); ++size) {
    const std::string prefix(text.data(), size);
    EXPECT_FALSE(ValidateJson(prefix).ok()) << prefix;
  }
}

// Every byte at every place of a word, so that no lane of the eight-byte steps
// goes untried.
TEST(ValidateJson, FindsEverySpecialByteAtEveryPlace) {
  for (size_t size = 1; size < 20; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string content(size, 'a');
        content[place] = static_cast<char>(byte);
        const std::string text = absl::StrCat("\"", content, "\"");
        EXPECT_EQ(ValidateJson(text).ok(), nlohmann::json::accept(text))
            << size << " " << place << " " << byte;
      }
    }
  }
}

TEST(ScanJsonArray, SlicesTheFirstElements) {
  JsonSlice slices[4];
  const auto count =
      ScanJsonArray(" [ \"a\" , {\"x\" : [1, 2]}\n,\t-1.5 , null , true ] ",
                    absl::MakeSpan(slices));
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 5);
  EXPECT_EQ(slices[0].text, "\"a\"");
  EXPECT_EQ(slices[0].content(), "a");
  EXPECT_EQ(slices[0].kind, JsonKind::kString);
  EXPECT_EQ(slices[1].text, "{\"x\" : [1, 2]}");
  EXPECT_EQ(slices[1].kind, JsonKind::kObject);
  EXPECT_EQ(slices[2].text, "-1.5");
  EXPECT_EQ(slices[2].kind, JsonKind::kNumber);
  EXPECT_EQ(slices[3].kind, JsonKind::kNull);
}

TEST(ScanJsonArray, LeavesWhatIsNotThereAbsent) {
  JsonSlice slices[2];
  slices[1].kind = JsonKind::kObject;
  EXPECT_EQ(*ScanJsonArray("[true]", absl::MakeSpan(slices)), 1);
  EXPECT_EQ(slices[0].kind, JsonKind::kBoolean);
  EXPECT_EQ(slices[1].kind, JsonKind::kAbsent);
  EXPECT_EQ(*ScanJsonArray("[ ]", absl::MakeSpan(slices)), 0);
  EXPECT_EQ(slices[0].kind, JsonKind::kAbsent);
}

TEST(ScanJsonArray, ChecksTheElementsThatItDoesNotSlice) {
  JsonSlice slice;
  for (const absl::string_view text :
       {"[1,tru]", "[1,2", "[1,2]]", "[1,2] x", "{}", "1", "", "[1,]"}) {
    EXPECT_FALSE(ScanJsonArray(text, absl::MakeSpan(&slice, 1)).ok()) << text;
  }
}

TEST(ScanJsonArray, GivesEachElementTheWholeDepth) {
  JsonSlice slice;
  const auto scan = [&slice](int depth) {
    return ScanJsonArray(absl::StrCat("[", Nested(depth, "[", "]"), "]"),
                         absl::MakeSpan(&slice, 1))
        .ok();
  };
  EXPECT_TRUE(scan(kJsonDepthMax));
  EXPECT_FALSE(scan(kJsonDepthMax + 1));
}

TEST(ScanJsonObject, SlicesTheMembersThatAreAskedFor) {
  constexpr absl::string_view kKeys[] = {"a", "b", "c"};
  JsonSlice members[3];
  ASSERT_TRUE(ScanJsonObject(R"({"other":{"a":0}, "b" : "x\ty" ,"a":[ ]})",
                             kKeys, absl::MakeSpan(members))
                  .ok());
  EXPECT_EQ(members[0].text, "[ ]");
  EXPECT_EQ(members[0].kind, JsonKind::kArray);
  EXPECT_EQ(members[1].text, R"("x\ty")");
  EXPECT_TRUE(members[1].escaped);
  EXPECT_EQ(members[2].kind, JsonKind::kAbsent);
}

TEST(ScanJsonObject, TheFirstOfEqualKeysWinsHoweverItIsSpelt) {
  constexpr absl::string_view kKeys[] = {"ab"};
  JsonSlice member;
  const auto first = [&](absl::string_view text) {
    EXPECT_TRUE(ScanJsonObject(text, kKeys, absl::MakeSpan(&member, 1)).ok());
    return member.text;
  };
  EXPECT_EQ(first(R"({"ab":1,"ab":2})"), "1");
  EXPECT_EQ(first(R"({"\u0061b":1,"ab":2})"), "1");
  EXPECT_EQ(first(R"({"ab":null,"ab":2})"), "null");
  EXPECT_FALSE(member.escaped);
}

TEST(ScanJsonObject, RefusesWhatIsNoObject) {
  constexpr absl::string_view kKeys[] = {"a"};
  JsonSlice member;
  for (const absl::string_view text :
       {"[]", "1", "", "{\"a\":1", "{\"a\":1}}", "{\"b\":x}", "{\"a\":1,}"}) {
    EXPECT_FALSE(ScanJsonObject(text, kKeys, absl::MakeSpan(&member, 1)).ok())
        << text;
  }
}

TEST(IsJsonObject, LooksPastWhiteSpace) {
  EXPECT_TRUE(IsJsonObject("{}"));
  EXPECT_TRUE(IsJsonObject(" \r\n\t{\"a\":1}"));
  EXPECT_FALSE(IsJsonObject("[{}]"));
  EXPECT_FALSE(IsJsonObject("\"{}\""));
  EXPECT_FALSE(IsJsonObject(" "));
  EXPECT_TRUE(IsJsonString(" \"a\""));
  EXPECT_FALSE(IsJsonString("1"));
}

TEST(IsValidUtf8, TakesTheEdgesOfEveryRange) {
  for (const absl::string_view bytes :
       {Text(""), Text("\0"), Text("\x7f"), Text("\xc2\x80"), Text("\xdf\xbf"),
        Text("\xe0\xa0\x80"), Text("\xed\x9f\xbf"), Text("\xee\x80\x80"),
        Text("\xef\xbf\xbf"), Text("\xf0\x90\x80\x80"),
        Text("\xf4\x8f\xbf\xbf"), Text("1234567\xc3\xa9"),
        Text("12345678\xc3\xa9"
             "12345678")}) {
    EXPECT_TRUE(IsValidUtf8(bytes));
  }
}

}  // namespace
}  // namespace aerie::phoenix
