// Clients that come faster than they may.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "edge/socket/socket_table.h"
#include "edge/socket/testing/edge_conversation.h"

namespace aerie::edge {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PacedConnectsTest : public EdgeConversation {
 protected:
  // A thread's share is two at once, and two a second.
  static Limits TestLimits() {
    Limits limits;
    limits.connects_per_second = 8;
    return limits;
  }

  PacedConnectsTest() : EdgeConversation(TestLimits(), 2, 4) {}

  // A poll of a client; whether its broker was asked.
  bool Poll(const std::string& token) {
    broker_.TakeFrames();
    v1::Poll poll;
    poll.set_token(token);
    table_.Poll(poll, [this](const v1::PollAnswer& answer) {
      poll_answers_.push_back(answer);
    });
    return !broker_.TakeFrames().empty();
  }

  // What clients were told, in order: after how many seconds to come again.
  std::vector<uint32_t> Told() const {
    std::vector<uint32_t> told;
    for (const ConnectAnswer& answer : answers_) {
      const Refusal& refusal = std::get<Refusal>(answer);
      EXPECT_EQ(refusal.status, 503u);
      told.push_back(refusal.paced_s);
    }
    return told;
  }

  std::vector<v1::PollAnswer> poll_answers_;
};

TEST_F(PacedConnectsTest, TooManyASecondAreAskedToComeLater) {
  EXPECT_NE(Connect(), 0u);
  EXPECT_NE(Connect(), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Connect(), 0u);
  EXPECT_THAT(Told(), ElementsAre(1, 1, 2, 2));
  table_.Tick();
  EXPECT_EQ(metrics_.connects_paced.Value(), 4);
  EXPECT_EQ(metrics_.connects_over_limit.Value(), 0);
}

TEST_F(PacedConnectsTest, TimeLetsMoreIn) {
  for (int i = 0; i < 3; ++i) Connect();
  clock_.AdvanceMs(500);
  EXPECT_NE(Connect(), 0u);
  EXPECT_EQ(Connect(), 0u);
}

TEST_F(PacedConnectsTest, NewSessionsAreClientsLikeOthers) {
  EXPECT_TRUE(Poll(""));
  EXPECT_NE(Connect(), 0u);
  EXPECT_FALSE(Poll(""));
  ASSERT_THAT(poll_answers_, SizeIs(1));
  EXPECT_EQ(poll_answers_[0].result(), v1::PollAnswer::RESULT_UNAVAILABLE);
  EXPECT_THAT(poll_answers_[0].retry_after_s(), Gt(0u));
  table_.Tick();
  EXPECT_EQ(metrics_.polls_paced.Value(), 1);
}

TEST_F(PacedConnectsTest, SessionsThatGoOnAreNeverPaced) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Poll("token"));
  EXPECT_THAT(poll_answers_, IsEmpty());
  EXPECT_NE(Connect(), 0u);
}

TEST_F(PacedConnectsTest, WithoutABrokerNoTurnsAreUsedUp) {
  table_.LinkLost();
  for (int i = 0; i < 10; ++i) Connect();
  EXPECT_FALSE(Poll(""));
  EXPECT_EQ(poll_answers_[0].retry_after_s(), 0u);
  EXPECT_THAT(Told(), Each(0u));
  table_.LinkUp(2);
  EXPECT_NE(Connect(), 0u);
}

}  // namespace
}  // namespace aerie::edge
