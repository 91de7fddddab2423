#include "broker/hosts/attached/spread.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/channel/testing/fake_edge.h"
#include "common/metrics.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

constexpr int kTopics = 3'000;

class SpreadTest : public testing::Test {
 protected:
  AttachedHostPtr Host(const std::string& instance) {
    HostRecord record;
    record.instance = instance;
    record.capacity = 10;
    return std::make_shared<AttachedHost>(record, nullptr, 1, clock_, metrics_);
  }
  const AttachedHost* ChooseFor(int topic, Spread spread = Spread::kTopic) {
    const AttachedHostPtr* host =
        Choose(hosts_, spread, absl::StrCat("room:", topic), socket_);
    return host == nullptr ? nullptr : host->get();
  }

  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Socket socket_{std::make_shared<FakeEdge>(), 1, "", "", Policy()};
  std::vector<AttachedHostPtr> hosts_ = {Host("a"), Host("b"), Host("c")};
};

TEST_F(SpreadTest, ThereIsNoneWithoutHosts) {
  hosts_.clear();
  EXPECT_EQ(ChooseFor(1), nullptr);
}

TEST_F(SpreadTest, EachHostGetsItsShareOfTheTopics) {
  std::map<const AttachedHost*, int> shares;
  for (int topic = 0; topic < kTopics; ++topic) ++shares[ChooseFor(topic)];
  ASSERT_EQ(shares.size(), 3u);
  for (const auto& [host, share] : shares) {
    EXPECT_NEAR(share, kTopics / 3.0, kTopics / 20.0)
        << host->record().instance;
  }
}

TEST_F(SpreadTest, AHostThatComesTakesOnlyItsOwnShare) {
  std::vector<const AttachedHost*> before;
  before.reserve(kTopics);
  for (int topic = 0; topic < kTopics; ++topic) {
    before.push_back(ChooseFor(topic));
  }
  hosts_.push_back(Host("d"));
  int moved = 0;
  for (int topic = 0; topic < kTopics; ++topic) {
    const AttachedHost* const now = ChooseFor(topic);
    if (now == before[topic]) continue;
    ++moved;
    EXPECT_EQ(now, hosts_.back().get());
  }
  EXPECT_NEAR(moved, kTopics / 4.0, kTopics / 20.0);
}

TEST_F(SpreadTest, BySocketTheTopicDoesNotMatter) {
  const AttachedHost* const first = ChooseFor(0, Spread::kSocket);
  for (int topic = 1; topic < 100; ++topic) {
    EXPECT_EQ(ChooseFor(topic, Spread::kSocket), first);
  }
}

TEST_F(SpreadTest, ByLoadTheOneWithTheFewestChannels) {
  hosts_[0]->Link();
  hosts_[2]->Link();
  EXPECT_EQ(ChooseFor(0, Spread::kLeastLoaded), hosts_[1].get());
}

}  // namespace
}  // namespace aerie::broker
