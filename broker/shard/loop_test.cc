#include "broker/shard/loop.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LoopTest : public testing::Test {
 protected:
  Loop::Task Note(const std::string& note) {
    return [this, note] { notes_.push_back(note); };
  }
  std::vector<std::string> Notes() { return std::exchange(notes_, {}); }

  std::vector<std::string> notes_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Loop loop_{clock_, 100, metrics_};
};

TEST_F(LoopTest, ATurnTakesWhatTheInboxHolds) {
  loop_.PostAlways(Note("first"));
  loop_.PostAlways([this] {
    notes_.push_back("second");
    loop_.PostAlways(Note("next turn"));
  });
  EXPECT_TRUE(loop_.RunOnce());
  EXPECT_THAT(Notes(), ElementsAre("first", "second"));
  EXPECT_TRUE(loop_.RunOnce());
  EXPECT_THAT(Notes(), ElementsAre("next turn"));
  EXPECT_FALSE(loop_.RunOnce());
}

TEST_F(LoopTest, AFullInboxRefusesAndLeavesTheTaskAlone) {
  EXPECT_TRUE(loop_.Post(Note("large"), 150));
  Loop::Task refused = Note("refused");
  EXPECT_FALSE(loop_.Post(std::move(refused), 1));
  loop_.PostAlways(Note("control"));
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("large", "control"));
  EXPECT_EQ(metrics_.inbox_refused.Value(), 1);
  // NOLINTNEXTLINE(bugprone-use-after-move): it was refused.
  EXPECT_TRUE(loop_.Post(std::move(refused), 1));
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("refused"));
}

TEST_F(LoopTest, ALoopIsStuckWhileATurnTakesSeconds) {
  loop_.PostAlways([this] {
    clock_.AdvanceMs(4'999);
    EXPECT_FALSE(loop_.Stuck());
    clock_.AdvanceMs(1);
    EXPECT_TRUE(loop_.Stuck());
  });
  loop_.RunUntilIdle();
  EXPECT_FALSE(loop_.Stuck());
}

TEST_F(LoopTest, TimersRunInTheOrderOfTheirDeadlines) {
  loop_.PostAlways([this] {
    loop_.After(30, Note("30"));
    loop_.After(10, Note("10, first"));
    loop_.After(10, Note("10, second"));
  });
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), IsEmpty());
  clock_.AdvanceMs(9);
  EXPECT_FALSE(loop_.RunOnce());
  clock_.AdvanceMs(1);
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("10, first", "10, second"));
  clock_.AdvanceMs(100);
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("30"));
}

TEST_F(LoopTest, ACancelledTimerDoesNotRun) {
  Loop::Timer timer;
  loop_.PostAlways([&] {
    timer = loop_.After(10, Note("cancelled"));
    loop_.After(10, Note("kept"));
  });
  loop_.RunUntilIdle();
  loop_.PostAlways([&] { loop_.Cancel(timer); });
  clock_.AdvanceMs(10);
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("kept"));
}

TEST_F(LoopTest, EachTurnEndsWithItsHook) {
  loop_.AfterTurn(Note("after"));
  loop_.PostAlways(Note("task"));
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("task", "after"));
}

TEST_F(LoopTest, WhatATaskLeavesForTheTurnsEndRunsBehindAllTasks) {
  loop_.PostAlways([this] {
    loop_.AtTurnEnd(Note("end"));
    Note("first")();
  });
  loop_.PostAlways(Note("second"));
  loop_.RunUntilIdle();
  loop_.PostAlways(Note("next turn"));
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("first", "second", "end", "next turn"));
}

TEST_F(LoopTest, ATurnIsCountedBeforeItIsHeardOf) {
  loop_.AfterTurn(Note("count"));
  loop_.PostAlways([this] { loop_.AtTurnEnd(Note("send")); });
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("count", "send"));
}

TEST_F(LoopTest, ALoopThatDoesNotSleepKeepsItsTurns) {
  EXPECT_TRUE(loop_.PostHere(Note("task"), 10));
  EXPECT_THAT(Notes(), IsEmpty());
  loop_.RunUntilIdle();
  EXPECT_THAT(Notes(), ElementsAre("task"));
}

TEST_F(LoopTest, ATurnKnowsItsLoop) {
  const Loop* in_turn = nullptr;
  loop_.PostAlways([&] { in_turn = Loop::Current(); });
  loop_.RunUntilIdle();
  EXPECT_EQ(in_turn, &loop_);
  EXPECT_EQ(Loop::Current(), nullptr);
}

TEST_F(LoopTest, ShowsTheBytesOfTheTurnInProgress) {
  EXPECT_TRUE(
      loop_.Post([this] { EXPECT_EQ(metrics_.inbox_bytes.Value(), 42); }, 42));
  loop_.RunUntilIdle();
  EXPECT_EQ(metrics_.inbox_bytes.Value(), 0);
}

using LoopDeathTest = LoopTest;

TEST_F(LoopDeathTest, WhatBelongsToTheLoopIsTouchedInItsTurnsOnly) {
  EXPECT_DEATH(loop_.After(1, Note("never")), "called outside its loop");
}

}  // namespace
}  // namespace aerie::broker
