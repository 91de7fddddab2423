#include "broker/dashboard/query.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

TEST(QueryTest, IsWhatBrowsersEncode) {
  const auto query = Query::Parse("prefix=room%3Al%C3%B6bby+1&page=&from=12");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->Text("prefix"), "room:löbby 1");
  EXPECT_EQ(query->Text("page"), "");
  EXPECT_EQ(query->Text("edge"), "");
  EXPECT_EQ(*query->Number("from", 0), 12);
  EXPECT_EQ(*query->Number("to", 7), 7);
  EXPECT_FALSE(query->Number("prefix", 0).ok());
}

TEST(QueryTest, MayBeEmptyOrOdd) {
  EXPECT_TRUE(Query::Parse("").ok());
  EXPECT_TRUE(Query::Parse("&&a&=b&").ok());
  EXPECT_EQ(Query::Parse("a=b=c")->Text("a"), "b=c");
}

TEST(QueryTest, WhatIsBrokenIsRefused) {
  EXPECT_FALSE(Query::Parse("a=%").ok());
  EXPECT_FALSE(Query::Parse("a=%4").ok());
  EXPECT_FALSE(Query::Parse("a=%zz").ok());
  EXPECT_FALSE(Query::Parse("a=1&a=2").ok());
  EXPECT_FALSE(Query::Parse("from=-1")->Number("from", 0).ok());
}

TEST(QueryTest, IsBounded) {
  EXPECT_FALSE(Query::Parse(std::string(Query::kBytesMax + 1, 'a')).ok());
  std::string many;
  for (size_t i = 0; i <= Query::kParamsMax; ++i) {
    absl::StrAppend(&many, "p", i, "=&");
  }
  EXPECT_FALSE(Query::Parse(many).ok());
}

TEST(PrivateHostTest, AddressesAndPrivateNamesAre) {
  for (const char* host :
       {"127.0.0.1:4011", "10.1.2.3", "[::1]:4011", "localhost", "LOCALHOST:80",
        "broker", "broker.aerie.svc", "broker.aerie.svc.cluster.local:4011",
        "metadata.internal.", "a.localhost"}) {
    EXPECT_TRUE(IsPrivateHost(host)) << host;
  }
}

TEST(PrivateHostTest, NamesThatAnybodyMayOwnAreNot) {
  for (const char* host :
       {"", "evil.example", "evil.example:4011", "127.0.0.1.evil.example",
        "localhost.evil.example", "evil.example:4011x", "local.com", ":4011"}) {
    EXPECT_FALSE(IsPrivateHost(host)) << host;
  }
}

}  // namespace
}  // namespace aerie::broker
