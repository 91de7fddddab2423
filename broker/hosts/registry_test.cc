#include "broker/hosts/registry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

class Nothing final : public ChannelModule {
 public:
  JoinResult Join(ChannelContext&, const v1::Message&) override {
    return JoinResult::Ok();
  }
  void HandleIn(ChannelContext&, const v1::Message&) override {}
};

std::string ErrorOf(const HostRegistry& hosts, const RouteOptions& route) {
  return std::string(hosts.MakeRouter({route}).status().message());
}

TEST(HostRegistryTest, MakesTheDefaultRoutes) {
  const auto router = HostRegistry().MakeRouter(Options().routes);
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_EQ((*router)->Find("room:1")->pattern, "room:*");
  EXPECT_EQ((*router)->Find("echo:1")->pattern, "echo:*");
  EXPECT_EQ((*router)->Find("other"), nullptr);
}

TEST(HostRegistryTest, HostsOfOnesOwnCanBeNamed) {
  HostRegistry hosts;
  hosts.AddModule<Nothing>("nothing");
  const auto router = hosts.MakeRouter({{"a:*", "nothing", {"secret"}, {}}});
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_EQ((*router)->Find("a:1")->intercepts,
            std::vector<std::string>{"secret"});
  EXPECT_THAT(ErrorOf(hosts, {"a:*", "nothing", {}, {{"x", {"1"}}}}),
              HasSubstr("route `a:*`, host `nothing`, option `x`"));
}

TEST(HostRegistryTest, AnUnknownHostIsRefusedByName) {
  EXPECT_THAT(
      ErrorOf(HostRegistry(), {"a:*", "relai", {}, {}}),
      HasSubstr("no host is named `relai`; there are attached, echo, relay"));
}

TEST(HostRegistryTest, ARouteMayBeOneOfAttachedHosts) {
  const auto attached = std::make_shared<ChannelHost>(nullptr);
  const auto router = HostRegistry().MakeRouter(
      {{"a:*", "attached", {}, {{"spread", {"socket"}}}}}, attached);
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_EQ((*router)->Find("a:1")->host, attached);
  EXPECT_THAT(
      ErrorOf(HostRegistry(), {"a:*", "attached", {}, {{"spread", {"far"}}}}),
      HasSubstr("option `spread`: expected topic, socket or least_loaded"));
  EXPECT_THAT(ErrorOf(HostRegistry(), {"a:*", "attached", {}, {{"x", {}}}}),
              HasSubstr("option `x`: expected spread"));
}

TEST(HostRegistryTest, APatternThatCannotMatchIsRefused) {
  EXPECT_THAT(ErrorOf(HostRegistry(), {"a:*:b", "echo", {}, {}}),
              HasSubstr("pattern `a:*:b`"));
}

}  // namespace
}  // namespace aerie::broker
