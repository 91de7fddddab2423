#include <future>
#include <thread>
#include <vector>

#include "broker/shard/loop.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

class LoopThreadsTest : public testing::Test {
 protected:
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Loop loop_{Clock::Real(), 1 << 20, metrics_};
};

TEST_F(LoopThreadsTest, TasksOfOneThreadKeepTheirOrder) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 10'000;
  // The loop's own.
  std::vector<int> next(kThreads, 0);
  int out_of_order = 0;
  int left = kThreads * kTasks;
  std::promise<void> done;

  loop_.Start();
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        loop_.PostAlways([&, t, i] {
          if (next[t]++ != i) ++out_of_order;
          if (--left == 0) done.set_value();
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done.get_future().wait();
  loop_.Stop();
  EXPECT_EQ(out_of_order, 0);
}

TEST_F(LoopThreadsTest, ATimerWakesASleepingLoop) {
  std::promise<void> done;
  loop_.Start();
  loop_.PostAlways([&] { loop_.After(5, [&] { done.set_value(); }); });
  done.get_future().wait();
  loop_.Stop();
}

TEST_F(LoopThreadsTest, ALoopThatSleepsLendsItsTurn) {
  loop_.Start();
  const auto here = std::this_thread::get_id();
  std::thread::id ran_on;
  // Sooner or later its thread is asleep.
  while (ran_on != here) {
    std::promise<void> done;
    ASSERT_TRUE(loop_.PostHere(
        [&] {
          EXPECT_EQ(Loop::Current(), &loop_);
          ran_on = std::this_thread::get_id();
          done.set_value();
        },
        1));
    done.get_future().wait();
  }
  loop_.Stop();
}

TEST_F(LoopThreadsTest, TurnsHereAndThereNeverOverlap) {
  constexpr int kThreads = 3;
  constexpr int kTasks = 5'000;
  int left = kThreads * kTasks;  // The loop's own.
  std::promise<void> done;

  loop_.Start();
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kTasks; ++i) {
        EXPECT_TRUE(loop_.PostHere(
            [&] {
              if (--left == 0) done.set_value();
            },
            1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done.get_future().wait();
  loop_.Stop();
  EXPECT_EQ(left, 0);
}

TEST_F(LoopThreadsTest, ATimerSetInALentTurnWakesTheLoop) {
  loop_.Start();
  for (int i = 0; i < 20; ++i) {
    std::promise<void> due;
    ASSERT_TRUE(
        loop_.PostHere([&] { loop_.After(1, [&] { due.set_value(); }); }, 1));
    due.get_future().wait();
  }
  loop_.Stop();
}

TEST_F(LoopThreadsTest, ALoopThatSleepsCanBeStopped) {
  loop_.Start();
  loop_.Stop();
}

}  // namespace
}  // namespace aerie::broker
