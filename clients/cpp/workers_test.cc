#include "clients/cpp/workers.h"

#include <atomic>
#include <future>

#include "gtest/gtest.h"

namespace aerie::client {
namespace {

TEST(WorkersTest, ATaskThatWaitsForAnotherOneDoesNotHoldItUp) {
  Workers workers(1);
  std::promise<void> second;
  std::promise<void> first;
  workers.Post([&] {
    second.get_future().wait();
    first.set_value();
  });
  workers.Post([&] { second.set_value(); });
  first.get_future().wait();
  workers.Stop();
}

TEST(WorkersTest, WhatWaitsIsDoneBeforeStopReturns) {
  Workers workers(2);
  std::atomic<int> done{0};
  for (int i = 0; i < 1000; ++i) {
    workers.Post([&] { ++done; });
  }
  workers.Stop();
  EXPECT_EQ(done, 1000);
  workers.Post([&] { ++done; });
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace aerie::client
