#include "common/rpc/strand.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

using ::testing::ElementsAre;

TEST(StrandTest, ATurnRunsWhereItIsPosted) {
  Strand strand;
  bool ran = false;
  strand.Post([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(StrandTest, ATurnPostedFromATurnRunsAfterIt) {
  Strand strand;
  std::vector<std::string> log;
  strand.Post([&] {
    strand.Post([&] { log.push_back("second"); });
    strand.Post([&] { log.push_back("third"); });
    log.push_back("first");
  });
  EXPECT_THAT(log, ElementsAre("first", "second", "third"));
}

TEST(StrandTest, ATurnMayDestroyItsStrand) {
  auto strand = std::make_unique<Strand>();
  bool later = false;
  strand->Post([&] {
    strand->Post([&] { later = true; });
    strand.reset();
  });
  EXPECT_TRUE(later);
}

TEST(StrandTest, WhatATurnHoldsGoesBeforeTheNextTurn) {
  Strand strand;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> weak = held;
  strand.Post([&, held = std::move(held)] {
    strand.Post([&] { EXPECT_TRUE(weak.expired()); });
  });
  EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace aerie::rpc
