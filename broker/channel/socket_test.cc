#include "broker/channel/socket.h"

#include <memory>

#include "broker/channel/testing/fake_edge.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SocketTest : public testing::Test {
 protected:
  std::shared_ptr<FakeEdge> edge_ = std::make_shared<FakeEdge>();
  Socket socket_{edge_, 7, "users:42", "", Policy{.topics_max = 2}};
};

TEST_F(SocketTest, TopicsAreLimitedAndComeBack) {
  EXPECT_TRUE(socket_.ReserveTopic());
  EXPECT_TRUE(socket_.ReserveTopic());
  EXPECT_FALSE(socket_.ReserveTopic());
  socket_.ReleaseTopic();
  EXPECT_TRUE(socket_.ReserveTopic());
  EXPECT_FALSE(socket_.ReserveTopic());
}

TEST_F(SocketTest, NoLimitMeansAnyNumber) {
  Socket founding(edge_, 8, "", "", Policy{.topics_max = 0});
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(founding.ReserveTopic());
}

TEST_F(SocketTest, OnlyWhatWasLimitedHasAGrantToReplace) {
  const auto first = std::make_shared<const Grant>();
  const auto second = std::make_shared<const Grant>();
  socket_.Renew(second);
  EXPECT_FALSE(socket_.limited());
  EXPECT_EQ(socket_.grant(), nullptr);

  Socket limited(edge_, 8, "", "", Policy(), first);
  EXPECT_TRUE(limited.limited());
  EXPECT_EQ(limited.grant(), first);
  limited.Renew(nullptr);
  EXPECT_EQ(limited.grant(), first);
  limited.Renew(second);
  EXPECT_EQ(limited.grant(), second);
}

TEST_F(SocketTest, CreditComesInLumpsOfFrames) {
  for (int i = 0; i < 15; ++i) socket_.Taken(100);
  EXPECT_EQ(edge_->credit_frames(), 0u);
  socket_.Taken(100);
  EXPECT_EQ(edge_->credit_frames(), 16u);
  EXPECT_EQ(edge_->credit_bytes(), 1'600u);
  EXPECT_EQ(edge_->frames().size(), 1u);
}

TEST_F(SocketTest, ALargeFrameIsCreditedAtOnce) {
  socket_.Taken(10);
  socket_.Taken(70'000);
  EXPECT_EQ(edge_->credit_frames(), 2u);
  EXPECT_EQ(edge_->credit_bytes(), 70'010u);
}

TEST_F(SocketTest, IsClosedOnce) {
  EXPECT_FALSE(socket_.closing());
  socket_.Close(1001);
  socket_.Close(1008);
  EXPECT_TRUE(socket_.closing());
  EXPECT_THAT(edge_->Take(), ElementsAre("7 close 1001"));
  EXPECT_THAT(edge_->Take(), IsEmpty());
}

}  // namespace
}  // namespace aerie::broker
