#include "broker/channel/exit_reason.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

// `graceful announced` and the like.
std::string Told(ExitReason reason) {
  v1::Message message;
  DescribeExit(reason, &message);
  EXPECT_EQ(message.kind(), v1::Message::KIND_EXIT);
  std::string told =
      message.exit() == v1::Message::EXIT_CLASS_GRACEFUL ? "graceful" : "crash";
  return message.announced() ? told + " announced" : told;
}

TEST(ExitReasonTest, StopsThatTheChannelReturnedAreAnnounced) {
  EXPECT_EQ(Told(ExitReason::kLeft), "graceful announced");
  EXPECT_EQ(Told(ExitReason::kDuplicateJoin), "graceful announced");
  EXPECT_EQ(Told(ExitReason::kStopNormal), "graceful announced");
  EXPECT_EQ(Told(ExitReason::kStopShutdown), "graceful announced");
}

TEST(ExitReasonTest, AnExitThatNobodyReturnedIsGracefulButNotAnnounced) {
  EXPECT_EQ(Told(ExitReason::kExitNormal), "graceful");
}

TEST(ExitReasonTest, AnythingElseIsACrash) {
  EXPECT_EQ(Told(ExitReason::kHostLost), "crash");
  EXPECT_EQ(Told(ExitReason::kKilled), "crash");
  EXPECT_EQ(Told(ExitReason::kCrash), "crash");
}

TEST(ExitReasonTest, NamesAreWhatTerminateIsTold) {
  EXPECT_EQ(ExitReasonName(ExitReason::kLeft), "left");
  EXPECT_EQ(ExitReasonName(ExitReason::kEdgeLost), "edge_lost");
  EXPECT_EQ(ExitReasonName(ExitReason::kStopShutdown), "shutdown");
  EXPECT_EQ(ExitReasonName(ExitReason::kCrash), "crash");
}

}  // namespace
}  // namespace aerie::broker
