#include "broker/dashboard/excerpt.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

TEST(ExcerptTest, AssignsAreNobodysBusiness) {
  v1::GetSocketResponse one;
  one.mutable_socket()->mutable_socket()->set_assigns(R"({"secret":1})");
  Shorten(&one);
  EXPECT_EQ(one.socket().socket().assigns(), "");
  v1::ListSocketsResponse page;
  page.add_sockets()->mutable_socket()->set_assigns(R"({"secret":1})");
  Shorten(&page);
  EXPECT_EQ(page.sockets(0).socket().assigns(), "");
}

TEST(ExcerptTest, LongNamesAreCutBetweenCharacters) {
  v1::ListTopicsResponse response;
  response.add_topics()->set_topic(std::string(kNameBytesMax, 'a'));
  response.add_topics()->set_topic("a" + std::string(kNameBytesMax, 'b'));
  std::string umlauts = "a";
  while (umlauts.size() < 2 * kNameBytesMax) umlauts += "ü";
  response.add_topics()->set_topic(umlauts);
  response.set_next_page_token(std::string(kPageTokenBytesMax + 1, 'a'));
  Shorten(&response);
  EXPECT_EQ(response.topics(0).topic(), std::string(kNameBytesMax, 'a'));
  EXPECT_EQ(response.topics(1).topic(),
            "a" + std::string(kNameBytesMax - 1, 'b') + "…");
  EXPECT_EQ(response.topics(2).topic(),
            umlauts.substr(0, kNameBytesMax - 1) + "…");
  EXPECT_EQ(response.next_page_token(), "");
}

TEST(ExcerptTest, OfManyTheLargestStay) {
  v1::ClusterInfoResponse cluster;
  for (int i = 0; i < kEdgesShownMax + 50; ++i) {
    auto& edge = *cluster.add_edges();
    edge.set_name(absl::StrCat("edge-", i));
    edge.set_sockets(i);
  }
  Shorten(&cluster);
  EXPECT_EQ(cluster.edges_size(), kEdgesShownMax);
  EXPECT_EQ(cluster.edges(0).sockets(), kEdgesShownMax + 49);
  EXPECT_EQ(cluster.edges().rbegin()->sockets(), 50);

  v1::GetTopicResponse topic;
  for (int i = 0; i < 1'000; ++i) topic.add_sample();
  Shorten(&topic);
  EXPECT_EQ(topic.sample_size(), kChannelsShownMax);
}

TEST(ExcerptTest, FewKeepTheirOrder) {
  v1::ClusterInfoResponse cluster;
  cluster.add_edges()->set_sockets(1);
  cluster.add_edges()->set_sockets(2);
  Shorten(&cluster);
  EXPECT_EQ(cluster.edges(0).sockets(), 1);
}

}  // namespace
}  // namespace aerie::broker
