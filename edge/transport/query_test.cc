#include "edge/transport/query.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Params Parsed(absl::string_view query) {
  absl::StatusOr<Params> params = ParseQuery(query);
  EXPECT_TRUE(params.ok()) << query << ": " << params.status();
  return params.ok() ? *params : Params();
}

TEST(QueryTest, NamesAndValuesAreDecoded) {
  EXPECT_THAT(Parsed("a=1&na+me=v%C3%A4lue%2B+x"),
              ElementsAre(Pair("a", "1"), Pair("na me", "välue+ x")));
}

TEST(QueryTest, EmptyPairsAreSkipped) {
  EXPECT_THAT(Parsed(""), IsEmpty());
  EXPECT_THAT(Parsed("&&vsn=2.0.0&&a=1&"),
              ElementsAre(Pair("vsn", "2.0.0"), Pair("a", "1")));
}

TEST(QueryTest, NestedAndRepeatedNamesAreKeptAsWritten) {
  EXPECT_THAT(
      Parsed("a[b]=1&a[b]=2&a%5B%5D=3"),
      ElementsAre(Pair("a[b]", "1"), Pair("a[b]", "2"), Pair("a[]", "3")));
}

TEST(QueryTest, MissingPartsAreEmpty) {
  EXPECT_THAT(Parsed("a&b=&=c&d=e=f"),
              ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c"),
                          Pair("d", "e=f")));
}

TEST(QueryTest, MalformedPercentEncodingIsRefused) {
  for (absl::string_view query : {"a=%", "a=%4", "a=%zz", "%g1=a", "a=1&%"}) {
    EXPECT_FALSE(ParseQuery(query).ok()) << query;
  }
}

TEST(QueryTest, BytesThatAreNotUtf8AreRefused) {
  EXPECT_FALSE(ParseQuery("x=%ff").ok());
  EXPECT_FALSE(ParseQuery("%c3=1").ok());
  EXPECT_FALSE(ParseQuery("x=\xff").ok());
}

TEST(QueryTest, PlusIsItselfInAPath) {
  EXPECT_EQ(*PercentDecode("a+b%20c", Plus::kLiteral), "a+b c");
}

}  // namespace
}  // namespace aerie::edge
