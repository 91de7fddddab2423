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

TEST_F(LoopThreadsTest, ALoopThatSleepsCanBeStopped) {
  loop_.Start();
  loop_.Stop();
}

}  // namespace
}  // namespace aerie::broker
