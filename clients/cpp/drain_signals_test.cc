#include "clients/cpp/drain_signals.h"

#include <signal.h>

#include <future>
#include <thread>

#include "gtest/gtest.h"

namespace aerie::client {
namespace {

volatile sig_atomic_t g_before = 0;

// What handles both signals before a DrainSignals does.
class DrainSignalsTest : public ::testing::TestWithParam<int> {
 protected:
  DrainSignalsTest() {
    g_before = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { g_before = g_before + 1; };
    sigaction(SIGTERM, &action, &term_);
    sigaction(SIGINT, &action, &int_);
  }
  ~DrainSignalsTest() override {
    sigaction(SIGTERM, &term_, nullptr);
    sigaction(SIGINT, &int_, nullptr);
  }

 private:
  struct sigaction term_;
  struct sigaction int_;
};

TEST_P(DrainSignalsTest, TheFirstDrainsAndTheSecondFindsWhatWasThereBefore) {
  std::promise<std::thread::id> drained;
  DrainSignals signals(
      [&drained] { drained.set_value(std::this_thread::get_id()); });
  raise(GetParam());
  // Not inside of the signal.
  EXPECT_NE(drained.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(g_before, 0);
  raise(GetParam());
  EXPECT_EQ(g_before, 1);
}

TEST_P(DrainSignalsTest, NothingIsLeftBehind) {
  bool drained = false;
  {
    DrainSignals signals([&drained] { drained = true; });
  }
  raise(GetParam());
  EXPECT_EQ(g_before, 1);
  EXPECT_FALSE(drained);
}

INSTANTIATE_TEST_SUITE_P(Both, DrainSignalsTest,
                         ::testing::Values(SIGTERM, SIGINT));

}  // namespace
}  // namespace aerie::client
