#include "broker/auth/claim_template.h"

#include <string>
#include <vector>

#include "broker/auth/strict_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char kClaims[] = R"({
  "sub": "42", "number": 7, "half": 0.5, "admin": true, "empty": "",
  "nothing": null, "object": {"id": "o", "inner": {"id": "i"}},
  "rooms": ["a", 2, "", null, ["x"], "b"], "none": [], "names": ["x", "y"],
  "https://example.com/role": "owner", "claims": "inner", "{": "brace"})";

class ClaimTemplateTest : public testing::Test {
 protected:
  std::string Text(absl::string_view text) {
    return ClaimTemplate::Parse(text)->Text(claims_).value_or("(nothing)");
  }
  std::vector<std::string> Texts(absl::string_view text, size_t max = 100) {
    std::vector<std::string> texts;
    if (!ClaimTemplate::Parse(text)->Texts(claims_, max, &texts)) {
      return {"(too many)"};
    }
    return texts;
  }
  std::string Value(absl::string_view text) {
    const auto value = ClaimTemplate::Parse(text)->Value(claims_);
    return value.has_value() ? value->dump() : "(nothing)";
  }

  const nlohmann::json claims_ = ParseJsonObject(kClaims).value();
};

TEST_F(ClaimTemplateTest, ClaimsStandInATextAsTheyAre) {
  EXPECT_EQ(Text("users:{sub}"), "users:42");
  EXPECT_EQ(Text("{sub}"), "42");
  EXPECT_EQ(Text("{sub}-{number}-{half}-{admin}!"), "42-7-0.5-true!");
  EXPECT_EQ(Text("no claim"), "no claim");
  EXPECT_EQ(Text(""), "");
}

TEST_F(ClaimTemplateTest, AClaimMayBeInsideAnother) {
  EXPECT_EQ(Text("{object.id}"), "o");
  EXPECT_EQ(Text("{object.inner.id}"), "i");
  EXPECT_EQ(Text("{object.missing}"), "(nothing)");
  EXPECT_EQ(Text("{sub.id}"), "(nothing)");
  EXPECT_EQ(Text(R"({https://example\.com/role})"), "owner");
}

TEST_F(ClaimTemplateTest, ClaimsIsTheNameOfThemAll) {
  EXPECT_EQ(Text("{claims.sub}"), "42");
  EXPECT_EQ(Text("{claims.object.id}"), "o");
  EXPECT_EQ(Text("{claims.claims}"), "inner");
  EXPECT_EQ(Value("{claims}"), claims_.dump());
}

TEST_F(ClaimTemplateTest, WhatIsNoTextIsMissing) {
  for (const char* text :
       {"{missing}", "{empty}", "{nothing}", "{object}", "{rooms}", "{none}",
        "x{missing}y{sub}", "{claims}"}) {
    EXPECT_EQ(Text(text), "(nothing)") << text;
  }
}

TEST_F(ClaimTemplateTest, AListStandsForEachOfItsValues) {
  EXPECT_THAT(Texts("room:{rooms}!"),
              ElementsAre("room:a!", "room:2!", "room:b!"));
  EXPECT_THAT(Texts("{names}:{rooms}"),
              ElementsAre("x:a", "x:2", "x:b", "y:a", "y:2", "y:b"));
  EXPECT_THAT(Texts("{sub}:{names}"), ElementsAre("42:x", "42:y"));
  EXPECT_THAT(Texts("lobby"), ElementsAre("lobby"));
}

TEST_F(ClaimTemplateTest, WithoutAValueThereIsNoText) {
  EXPECT_THAT(Texts("room:{missing}"), IsEmpty());
  EXPECT_THAT(Texts("room:{none}:{names}"), IsEmpty());
  EXPECT_THAT(Texts("room:{names}:{none}"), IsEmpty());
  EXPECT_THAT(Texts("room:{empty}"), IsEmpty());
}

TEST_F(ClaimTemplateTest, TextsAreCounted) {
  EXPECT_THAT(Texts("{rooms}", 3), ElementsAre("a", "2", "b"));
  EXPECT_THAT(Texts("{rooms}", 2), ElementsAre("(too many)"));
  EXPECT_THAT(Texts("{rooms}{names}", 5), ElementsAre("(too many)"));
  std::vector<std::string> texts = {"x"};
  EXPECT_FALSE(ClaimTemplate::Parse("y")->Texts(claims_, 1, &texts));
}

TEST_F(ClaimTemplateTest, AClaimAloneIsWhatItIs) {
  EXPECT_EQ(Value("{sub}"), R"("42")");
  EXPECT_EQ(Value("{number}"), "7");
  EXPECT_EQ(Value("{nothing}"), "null");
  EXPECT_EQ(Value("{rooms}"), R"(["a",2,"",null,["x"],"b"])");
  EXPECT_EQ(Value("{object.inner}"), R"({"id":"i"})");
  EXPECT_EQ(Value("n{number}"), R"("n7")");
  EXPECT_EQ(Value("{number}{number}"), R"("77")");
  EXPECT_EQ(Value("fixed"), R"("fixed")");
  EXPECT_EQ(Value("{missing}"), "(nothing)");
  EXPECT_EQ(Value("x{missing}"), "(nothing)");
}

TEST(ClaimTemplateParseTest, BracesStandInPairs) {
  for (const char* text : {"{", "}", "{sub", "sub}", "{{sub}}", "{sub}}", "{}",
                           "{.}", "{a.}", "{.a}", "{a..b}", "{claims.}"}) {
    EXPECT_FALSE(ClaimTemplate::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace aerie::broker
