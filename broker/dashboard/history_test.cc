#include "broker/dashboard/history.h"

#include <string>
#include <vector>

#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::broker {
namespace {

using nlohmann::json;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() { history_.Step(now_ms_); }

  void Step(int64_t ms = History::kPeriodMs) {
    now_ms_ += ms;
    history_.Step(now_ms_);
  }
  json From(uint64_t from) const {
    return json::parse(history_.Json(from, now_ms_), nullptr, false);
  }
  // A column of all that is kept.
  std::vector<double> Column(const std::string& name) const {
    const json all = From(0);
    size_t at = 0;
    while (all["series"][at] != name) ++at;
    std::vector<double> values;
    for (const json& sample : all["samples"]) values.push_back(sample[at + 1]);
    return values;
  }

  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  History history_{metrics_, 2};
  int64_t now_ms_ = 1'000'000;
};

TEST_F(HistoryTest, IsEmptyUntilAPeriodIsOver) {
  EXPECT_EQ(From(0)["samples"], json::array());
  EXPECT_EQ(From(0)["next"], 0);
  Step(1'000);
  EXPECT_EQ(history_.size(), 0);
  Step(1'000);
  EXPECT_EQ(history_.size(), 1);
}

TEST_F(HistoryTest, ATickThatComesALittleEarlyIsInTime) {
  Step(1'900);
  EXPECT_EQ(history_.size(), 1);
  Step(1'700);
  EXPECT_EQ(history_.size(), 1);
}

TEST_F(HistoryTest, CountersAreRatesAndGaugesAreThemselves) {
  metrics_.sockets.Set(1'234'567);
  metrics_.events_in.Increment(50);
  metrics_.replies.Increment(10);
  metrics_.pushes.Increment(4);
  metrics_.fanouts.Increment(6);
  metrics_.joins_crashed.Increment();
  metrics_.joins_unauthorized.Increment(2);
  Step();
  Step();
  using ::testing::ElementsAre;
  EXPECT_THAT(Column("sockets"), ElementsAre(1'234'567, 1'234'567));
  EXPECT_THAT(Column("messages_in"), ElementsAre(25, 0));
  EXPECT_THAT(Column("messages_out"), ElementsAre(10, 0));
  EXPECT_THAT(Column("joins_failed"), ElementsAre(1.5, 0));
}

TEST_F(HistoryTest, ARateIsOfTheTimeThatHasReallyPassed) {
  metrics_.events_in.Increment(50);
  Step(10'000);
  EXPECT_THAT(Column("messages_in"), ::testing::ElementsAre(5));
}

TEST_F(HistoryTest, BusyIsTheShareOfAllLoops) {
  metrics_.turn_seconds.Observe(1);
  Step();
  // Longer than a period: it counts when it ends.
  metrics_.turn_seconds.Observe(60);
  Step();
  EXPECT_THAT(Column("busy_percent"), ::testing::ElementsAre(25, 100));
}

TEST_F(HistoryTest, KeepsTheNewestAndNoMore) {
  for (size_t i = 0; i < History::kSamplesMax + 5; ++i) {
    metrics_.channels.Set(static_cast<double>(i));
    Step();
  }
  const json all = From(0);
  EXPECT_EQ(all["samples"].size(), History::kSamplesMax);
  EXPECT_EQ(all["first"], 5);
  EXPECT_EQ(all["next"], History::kSamplesMax + 5);
  EXPECT_EQ(Column("channels").front(), 5);
  EXPECT_EQ(Column("channels").back(), History::kSamplesMax + 4);
  // The age of the oldest and of the newest.
  EXPECT_EQ(all["samples"].front()[0],
            (History::kSamplesMax - 1) * History::kPeriodMs);
  EXPECT_EQ(all["samples"].back()[0], 0);
}

TEST_F(HistoryTest, OnlyWhatIsNewIsAskedFor) {
  for (int i = 0; i < 4; ++i) Step();
  EXPECT_EQ(From(3)["samples"].size(), 1);
  EXPECT_EQ(From(3)["first"], 3);
  EXPECT_EQ(From(4)["samples"], json::array());
  // What an earlier broker would have had next.
  EXPECT_EQ(From(5)["samples"].size(), 4);
  EXPECT_EQ(From(~uint64_t{0})["samples"].size(), 4);
}

TEST_F(HistoryTest, TenMinutesFitInto64KiB) {
  metrics_.sockets.Set(9'999'999);
  metrics_.link_outbox_bytes.Set(64e9);
  for (size_t i = 0; i < History::kSamplesMax; ++i) {
    metrics_.events_in.Increment(1'234'567);
    Step();
  }
  EXPECT_LT(history_.Json(0, now_ms_).size(), 64u << 10);
}

}  // namespace
}  // namespace aerie::broker
