#include "edge/transport/proxies.h"

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

TrustedProxies Trusting(const std::vector<std::string>& blocks) {
  absl::StatusOr<TrustedProxies> proxies = TrustedProxies::Create(blocks);
  EXPECT_TRUE(proxies.ok()) << proxies.status();
  return *proxies;
}

const Request kForwarded{.headers = {{"Host", "edge.internal:4000"},
                                     {"X-Forwarded-For", "192.0.2.7"},
                                     {"X-Forwarded-Proto", "https"},
                                     {"X-Forwarded-Host", "chat.example"},
                                     {"X-Forwarded-Port", "8443"}}};

TEST(ProxiesTest, WithoutTrustTheConnectionIsWhatItIs) {
  const Provenance direct =
      Trusting({}).Of(kForwarded, {"10.0.0.1", 51000, false});
  EXPECT_EQ(direct.peer, "10.0.0.1:51000");
  EXPECT_EQ(direct.site.scheme, "http");
  EXPECT_EQ(direct.site.host, "edge.internal");
  EXPECT_EQ(direct.site.port, 4000u);
}

TEST(ProxiesTest, ATrustedProxySpeaksForItsClient) {
  const Provenance client =
      Trusting({"10.0.0.0/8"}).Of(kForwarded, {"10.0.0.1", 51000, false});
  EXPECT_EQ(client.peer, "192.0.2.7");
  EXPECT_EQ(client.site.scheme, "https");
  EXPECT_EQ(client.site.host, "chat.example");
  EXPECT_EQ(client.site.port, 8443u);
}

TEST(ProxiesTest, APortFollowsFromTheSchemeUnlessGiven) {
  const TrustedProxies trusting = Trusting({"10.0.0.1"});
  const Peer peer{"10.0.0.1", 1, false};
  Request request{.headers = {{"Host", "chat.example"}}};
  EXPECT_EQ(trusting.Of(request, peer).site.port, 80u);
  request.headers.emplace_back("X-Forwarded-Proto", "HTTPS");
  EXPECT_EQ(trusting.Of(request, peer).site.port, 443u);
  request.headers.emplace_back("X-Forwarded-Host", "chat.example:444");
  EXPECT_EQ(trusting.Of(request, peer).site.port, 444u);
  request.headers.emplace_back("X-Forwarded-Port", "0");
  EXPECT_EQ(trusting.Of(request, peer).site.port, 444u);
}

TEST(ProxiesTest, TlsOfTheConnectionCountsWithoutProxies) {
  const Request request{.headers = {{"Host", "chat.example"}}};
  const Provenance direct = Trusting({}).Of(request, {"::1", 2, true});
  EXPECT_EQ(direct.site.scheme, "https");
  EXPECT_EQ(direct.site.port, 443u);
  EXPECT_EQ(direct.peer, "[::1]:2");
}

TEST(ProxiesTest, TheClientIsTheLastAddressThatIsNoProxy) {
  const TrustedProxies trusting = Trusting({"10.0.0.0/8", "fd00::/8"});
  const Peer peer{"10.0.0.1", 1, false};
  const auto client = [&](const char* chain) {
    return trusting.Of({.headers = {{"x-forwarded-for", chain}}}, peer).peer;
  };
  // Whatever stands before it was written by the client itself.
  EXPECT_EQ(client("6.6.6.6, 192.0.2.7, 10.0.0.2"), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.3,fd00::2"), "10.0.0.3");
  EXPECT_EQ(client("[2001:db8::1]:99, 10.0.0.2"), "2001:db8::1");
  EXPECT_EQ(client("192.0.2.7:443"), "192.0.2.7");
  EXPECT_EQ(client("192.0.2.7, unknown"), "10.0.0.1:1");
  EXPECT_EQ(client("192.0.2.7, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client(""), "10.0.0.1:1");
  EXPECT_EQ(client(" , ,"), "10.0.0.1:1");
}

TEST(ProxiesTest, BlocksEndInsideBytesToo) {
  const TrustedProxies trusting = Trusting({"172.16.0.0/12", "0.0.0.0/32"});
  const Request request{.headers = {{"X-Forwarded-For", "192.0.2.7"}}};
  EXPECT_EQ(trusting.Of(request, {"172.31.255.1", 1}).peer, "192.0.2.7");
  EXPECT_EQ(trusting.Of(request, {"172.32.0.1", 1}).peer, "172.32.0.1:1");
}

TEST(ProxiesTest, AnIpv4BlockCoversMappedAddressesAndNothingOfIpv6) {
  const TrustedProxies all_v4 = Trusting({"0.0.0.0/0"});
  const Request request{.headers = {{"X-Forwarded-For", "2001:db8::1"}}};
  EXPECT_EQ(all_v4.Of(request, {"::ffff:10.0.0.1", 1}).peer, "2001:db8::1");
  EXPECT_EQ(all_v4.Of(request, {"::1", 1}).peer, "[::1]:1");
  EXPECT_EQ(all_v4.Of({}, {"::ffff:10.0.0.1", 1}).peer, "10.0.0.1:1");
}

TEST(ProxiesTest, MalformedBlocksAreRefusedAtStart) {
  for (const char* block : {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1",
                            "10.0.0.0/", "::/129", "10.0.0/8", "1.2.3.4/8/9"}) {
    EXPECT_FALSE(TrustedProxies::Create({block}).ok()) << block;
  }
}

}  // namespace
}  // namespace aerie::edge
