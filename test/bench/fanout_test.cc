#include "test/bench/fanout.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/bench/crowd.h"
#include "test/bench/options.h"
#include "test/bench/wire.h"

namespace aerie::bench {
namespace {

using ::testing::HasSubstr;

// Records what is pushed.
class FakeCrowd final : public Crowd {
 public:
  using Crowd::Crowd;

  void Open(uint32_t /*client*/) override {}
  void Drop(uint32_t /*client*/) override {}
  void Push(uint32_t client, absl::string_view /*message*/) override {
    pushed.push_back(client);
  }

  std::vector<uint32_t> pushed;  // By whom.

 private:
  void OnEvent(uint32_t, uint32_t, uint32_t) override {}
  void Flush() override {}
  void OnJoinReply(uint32_t) override {}
};

Options OptionsOf(uint32_t sockets, uint32_t topics, uint32_t window) {
  Options options;
  options.sockets = sockets;
  options.topics = topics;
  options.window = window;
  return options;
}

class FanoutTest : public ::testing::Test {
 protected:
  explicit FanoutTest(const Options& options = OptionsOf(3, 1, 2))
      : options_(options), fanout_(options_), crowd_(options_, fanout_) {
    fanout_.Start(crowd_);
  }

  void Get(uint32_t client, uint64_t number) {
    fanout_.OnBroadcast(client, NumberedPayload(number, 0));
  }

  const Options options_;
  Fanout fanout_;
  FakeCrowd crowd_;
};

TEST_F(FanoutTest, TheNextStartsWhenAllHaveTheOneAWindowBefore) {
  EXPECT_EQ(crowd_.pushed.size(), 2u);
  for (const uint32_t client : {0, 1}) {
    Get(client, 0);
    Get(client, 1);
  }
  EXPECT_EQ(crowd_.pushed.size(), 2u);
  Get(2, 0);
  EXPECT_EQ(crowd_.pushed.size(), 3u);
  EXPECT_EQ(crowd_.failures(), 0u);
  EXPECT_EQ(fanout_.deliveries(), 5u);
}

TEST_F(FanoutTest, OneThatComesTwiceIsAFailure) {
  Get(1, 0);
  Get(1, 0);
  EXPECT_THAT(crowd_.first_failure(), HasSubstr("client 1 expects 1, got "));
}

TEST_F(FanoutTest, OneThatIsLeftOutIsAFailure) {
  Get(2, 1);
  EXPECT_THAT(crowd_.first_failure(), HasSubstr("client 2 expects 0, got "));
}

TEST_F(FanoutTest, OneThatNobodyHasPublishedIsAFailure) {
  Get(0, 0);
  Get(0, 1);
  Get(0, 2);
  EXPECT_EQ(crowd_.failures(), 1u);
}

TEST_F(FanoutTest, ItIsCompleteWhenAllHaveAll) {
  fanout_.Stop();
  for (const uint32_t client : {0, 1, 2}) {
    EXPECT_FALSE(fanout_.complete());
    Get(client, 0);
    Get(client, 1);
  }
  EXPECT_TRUE(fanout_.complete());
  EXPECT_EQ(crowd_.pushed.size(), 2u);
}

class FanoutOfTopicsTest : public FanoutTest {
 protected:
  FanoutOfTopicsTest() : FanoutTest(OptionsOf(4, 2, 1)) {}
};

TEST_F(FanoutOfTopicsTest, EachHasItsPublisherAndItsOrder) {
  EXPECT_EQ(crowd_.pushed, std::vector<uint32_t>({0, 1}));
  Get(1, 0);
  Get(3, 0);
  EXPECT_EQ(crowd_.pushed, std::vector<uint32_t>({0, 1, 1}));
  Get(1, 1);
  EXPECT_EQ(crowd_.failures(), 0u);
}

}  // namespace
}  // namespace aerie::bench
