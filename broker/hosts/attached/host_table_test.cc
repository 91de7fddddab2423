#include "broker/hosts/attached/host_table.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/channel/testing/fake_host.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HostTableTest : public testing::Test {
 protected:
  AttachedHostPtr Host(const std::string& instance,
                       const std::vector<std::string>& patterns,
                       Spread spread = Spread::kTopic) {
    HostRecord record;
    record.instance = instance;
    for (const std::string& pattern : patterns) {
      record.patterns.push_back({pattern, {}, spread});
    }
    return std::make_shared<AttachedHost>(std::move(record), nullptr, 1, clock_,
                                          metrics_);
  }
  AttachedHostPtr Attach(const std::string& instance,
                         const std::vector<std::string>& patterns,
                         int64_t now_ms = 0) {
    AttachedHostPtr host = Host(instance, patterns);
    EXPECT_TRUE(table().Attach(host, now_ms).ok());
    return host;
  }
  std::vector<std::string> Routes() {
    std::vector<std::string> patterns;
    const std::shared_ptr<const HostMap> map = table().Map();
    for (const Route& route : map->router->routes()) {
      patterns.push_back(route.pattern);
    }
    return patterns;
  }
  HostTable& table() {
    if (table_ == nullptr) {
      auto base = std::make_shared<Router>();
      EXPECT_TRUE(base->Add({"base:*", local_, {}}).ok());
      for (const AttachedRoute& route : routes_) {
        EXPECT_TRUE(base->Add({route.pattern, local_, {}}).ok());
      }
      table_ = std::make_unique<HostTable>(*local_, base, routes_, limits_,
                                           metrics_);
    }
    return *table_;
  }

  Limits limits_;
  std::vector<AttachedRoute> routes_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeHost> local_ = std::make_shared<FakeHost>();

 private:
  std::unique_ptr<HostTable> table_;
};

TEST_F(HostTableTest, TopicsPrecedePrefixesAndLongerOnesShorter) {
  Attach("h1", {"*", "a:*", "a:b:*"});
  Attach("h2", {"a:b:c", "z"});
  EXPECT_THAT(Routes(),
              ElementsAre("a:b:c", "z", "a:b:*", "a:*", "*", "base:*"));
}

TEST_F(HostTableTest, AConfiguredPatternKeepsItsPlace) {
  routes_ = {{"chat:*", Spread::kSocket}};
  Attach("h1", {"chat:*", "base:*"});
  EXPECT_THAT(Routes(), ElementsAre("base:*", "base:*", "chat:*"));
  EXPECT_EQ(table().Map()->patterns.at("chat:*").spread, Spread::kSocket)
      << "the configuration decides";
}

TEST_F(HostTableTest, TheFirstHostOfAPatternDecidesTheSpread) {
  const AttachedHostPtr first = Host("h1", {"a:*"}, Spread::kLeastLoaded);
  ASSERT_TRUE(table().Attach(first, 0).ok());
  const AttachedHostPtr second = Host("h2", {"a:*"}, Spread::kSocket);
  ASSERT_TRUE(table().Attach(second, 0).ok());
  const std::shared_ptr<const HostMap> map = table().Map();
  EXPECT_EQ(map->patterns.at("a:*").spread, Spread::kLeastLoaded);
  EXPECT_THAT(map->patterns.at("a:*").hosts, ElementsAre(first, second));
}

TEST_F(HostTableTest, AHostThatDrainsTakesNoChannelsButIsThere) {
  const AttachedHostPtr host = Attach("h1", {"a:*"});
  EXPECT_TRUE(host->StartDrain());
  EXPECT_FALSE(host->StartDrain());
  const std::shared_ptr<const HostMap> map = table().Map();
  EXPECT_THAT(map->patterns.at("a:*").hosts, IsEmpty());
  EXPECT_THAT(table().hosts(), ElementsAre(host));
}

TEST_F(HostTableTest, OnlyOneStreamOfAnInstance) {
  const AttachedHostPtr older = Attach("h1", {"a:*"});
  const AttachedHostPtr newer = Host("h1", {"a:*"});
  const auto replaced = table().Attach(newer, 0);
  ASSERT_TRUE(replaced.ok());
  EXPECT_EQ(*replaced, older);
  EXPECT_THAT(table().hosts(), ElementsAre(newer));
  EXPECT_FALSE(table().Detach(*older, 0)) << "it is there no more";
}

TEST_F(HostTableTest, APatternOutlivesItsHostsForAWhile) {
  limits_.host_pattern_ttl_ms = 1'000;
  routes_ = {{"chat:*", Spread::kTopic}};
  const AttachedHostPtr host = Attach("h1", {"a:*", "chat:*"});
  EXPECT_FALSE(table().Forget(5'000)) << "it has a host";
  EXPECT_TRUE(table().Detach(*host, 5'000));
  EXPECT_FALSE(table().Forget(5'999));
  EXPECT_THAT(Routes(), ElementsAre("a:*", "base:*", "chat:*"));
  EXPECT_TRUE(table().Forget(6'000));
  EXPECT_THAT(Routes(), ElementsAre("base:*", "chat:*"));
}

TEST_F(HostTableTest, NewPatternsTakeThePlaceOfThoseLongestWithoutAHost) {
  limits_.host_patterns_max = 3;
  const AttachedHostPtr a = Attach("h1", {"a:*"});
  const AttachedHostPtr b = Attach("h2", {"b:*"});
  const AttachedHostPtr c = Attach("h3", {"c:*"});
  table().Detach(*b, 10);
  table().Detach(*a, 20);
  Attach("h4", {"d:*", "a:*"});
  EXPECT_THAT(Routes(), ElementsAre("a:*", "c:*", "d:*", "base:*"));
  const auto refused = table().Attach(Host("h5", {"e:*"}), 30);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace aerie::broker
