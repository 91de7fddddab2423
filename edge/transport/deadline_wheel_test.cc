#include "edge/transport/deadline_wheel.h"

#include <memory>
#include <random>

#include "absl/functional/any_invocable.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

constexpr int64_t kTick = DeadlineWheel::kTickMs;

class Alarm final : public DeadlineWheel::Entry {
 public:
  void OnDeadline(int64_t now_ms) override {
    rang_at = now_ms;
    ++times;
    if (then) then();
  }

  int64_t rang_at = 0;
  int times = 0;
  absl::AnyInvocable<void()> then;
};

class DeadlineWheelTest : public ::testing::Test {
 protected:
  void AdvanceTo(int64_t ms) {
    for (; now_ < ms; now_ += kTick) wheel_.Advance(now_);
    now_ = ms;
    wheel_.Advance(now_);
  }

  int64_t now_ = 1'000'000;
  DeadlineWheel wheel_{now_};
  Alarm alarm_;
};

TEST_F(DeadlineWheelTest, RingsOnceNeverEarlyAndAtMostATickLate) {
  const int64_t deadline = now_ + 1'234;
  wheel_.Set(alarm_, deadline);
  AdvanceTo(deadline - 1);
  EXPECT_EQ(alarm_.times, 0);
  AdvanceTo(deadline + kTick);
  EXPECT_EQ(alarm_.times, 1);
  EXPECT_GE(alarm_.rang_at, deadline);
  AdvanceTo(deadline + 200'000);
  EXPECT_EQ(alarm_.times, 1);
}

TEST_F(DeadlineWheelTest, APastDeadlineRingsWithTheNextTick) {
  wheel_.Set(alarm_, now_ - 500);
  AdvanceTo(now_ + kTick);
  EXPECT_EQ(alarm_.times, 1);
}

TEST_F(DeadlineWheelTest, MovedBackItRingsLater) {
  wheel_.Set(alarm_, now_ + 100);
  wheel_.Set(alarm_, now_ + 1000);
  const int64_t start = now_;
  AdvanceTo(start + 900);
  EXPECT_EQ(alarm_.times, 0);
  AdvanceTo(start + 1000 + kTick);
  EXPECT_EQ(alarm_.times, 1);
}

TEST_F(DeadlineWheelTest, MovedForwardItRingsEarlier) {
  const int64_t start = now_;
  wheel_.Set(alarm_, start + 60'000);
  wheel_.Set(alarm_, start + 100);
  AdvanceTo(start + 100 + kTick);
  EXPECT_EQ(alarm_.times, 1);
  AdvanceTo(start + 61'000);
  EXPECT_EQ(alarm_.times, 1);
}

TEST_F(DeadlineWheelTest, ClearedItIsSilent) {
  wheel_.Set(alarm_, now_ + 100);
  wheel_.Clear(alarm_);
  wheel_.Clear(alarm_);
  AdvanceTo(now_ + 1000);
  EXPECT_EQ(alarm_.times, 0);
}

TEST_F(DeadlineWheelTest, DeadlinesBeyondTheWheelAreKept) {
  const int64_t deadline = now_ + 1'000'000;
  wheel_.Set(alarm_, deadline);
  AdvanceTo(deadline - 1);
  EXPECT_EQ(alarm_.times, 0);
  AdvanceTo(deadline + kTick);
  EXPECT_EQ(alarm_.times, 1);
}

TEST_F(DeadlineWheelTest, ALongPauseSkipsNobody) {
  Alarm other;
  wheel_.Set(alarm_, now_ + 100);
  wheel_.Set(other, now_ + 90'000);
  wheel_.Advance(now_ + 10'000'000);
  EXPECT_EQ(alarm_.times, 1);
  EXPECT_EQ(other.times, 1);
}

TEST_F(DeadlineWheelTest, AnAlarmMaySetItselfAndClearAndDestroyOthers) {
  auto first = std::make_unique<Alarm>();
  auto second = std::make_unique<Alarm>();
  const int64_t deadline = now_ + 100;
  wheel_.Set(alarm_, deadline);
  wheel_.Set(*first, deadline);
  wheel_.Set(*second, deadline);
  alarm_.then = [&] {
    if (first == nullptr) return;
    wheel_.Clear(*first);
    first.reset();
    wheel_.Set(alarm_, alarm_.rang_at + 100);
  };
  AdvanceTo(deadline + kTick);
  EXPECT_EQ(alarm_.times, 1);
  EXPECT_EQ(second->times, 1);
  AdvanceTo(deadline + 300);
  EXPECT_EQ(alarm_.times, 2);
}

TEST_F(DeadlineWheelTest, ManyRandomDeadlinesAreAllKept) {
  std::mt19937 random(11);
  std::uniform_int_distribution<int64_t> delay(0, 199'999);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<int64_t> deadlines;
  const int64_t start = now_;
  for (int i = 0; i < 1000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel_.Set(*alarms.back(), start + delay(random));
    deadlines.push_back(start + delay(random));
    wheel_.Set(*alarms.back(), deadlines.back());
  }
  AdvanceTo(start + 201'000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(alarms[i]->times, 1);
    EXPECT_GE(alarms[i]->rang_at, deadlines[i]);
    EXPECT_LE(alarms[i]->rang_at, deadlines[i] + 2 * kTick);
  }
}

}  // namespace
}  // namespace aerie::edge
