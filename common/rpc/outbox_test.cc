#include "common/rpc/outbox.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Records what the outbox asks of it; the test answers.
class FakeStream final : public Outbox<v1::BrokerBatch>::Stream {
 public:
  void Write(const v1::BrokerBatch& batch) override {
    std::vector<uint64_t> sockets;
    for (const v1::BrokerFrame& frame : batch.frames()) {
      sockets.push_back(frame.socket());
    }
    writes.push_back(std::move(sockets));
    bytes.push_back(batch.ByteSizeLong());
  }
  void Overflowed() override {
    if (meanwhile) meanwhile();
    ++overflowed;
    closed_before_overflowed |= closed > 0;
  }
  void Closed() override { ++closed; }

  std::vector<std::vector<uint64_t>> writes;
  std::vector<uint64_t> bytes;
  int overflowed = 0;
  int closed = 0;
  bool closed_before_overflowed = false;
  // What another thread does while Overflowed is said.
  std::function<void()> meanwhile;
};

v1::BrokerFrame Frame(uint64_t socket, size_t bytes = 0) {
  v1::BrokerFrame frame;
  frame.set_socket(socket);
  if (bytes > 0) frame.mutable_message()->set_json(std::string(bytes, 'x'));
  return frame;
}

std::vector<v1::BrokerFrame> Frames(uint64_t first, uint64_t count) {
  std::vector<v1::BrokerFrame> frames;
  for (uint64_t i = 0; i < count; ++i) frames.push_back(Frame(first + i));
  return frames;
}

class OutboxTest : public ::testing::Test {
 protected:
  void SendFrames(uint64_t first, uint64_t count) {
    std::vector<v1::BrokerFrame> frames = Frames(first, count);
    outbox_.Send(frames);
    EXPECT_THAT(frames, IsEmpty());
  }

  MetricsRegistry registry_;
  Gauge& bytes_ = registry_.AddGauge("bytes", "");
  Counter& frames_ = registry_.AddCounter("frames", "");
  Counter& dropped_ = registry_.AddCounter("dropped", "");
  Counter& overflows_ = registry_.AddCounter("overflows", "");
  Histogram& per_write_ = registry_.AddHistogram("per_write", "", {1, 8});

  OutboxMetrics metrics_{&bytes_, &frames_, &dropped_, &overflows_,
                         &per_write_};
  FakeStream stream_;
  Outbox<v1::BrokerBatch> outbox_{
      stream_, {.bytes_max = 10'000, .batch_bytes_max = 1'000}, metrics_};
};

TEST_F(OutboxTest, AnIdleLinkSendsAtOnce) {
  outbox_.Send(Frame(1));
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1)));
  outbox_.OnWritten(true);
  outbox_.Send(Frame(2));
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(OutboxTest, WhatQueuesDuringAWriteGoesOutAsOneMessage) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2));
  SendFrames(3, 2);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1)));
  outbox_.OnWritten(true);
  EXPECT_THAT(stream_.writes,
              ElementsAre(ElementsAre(1), ElementsAre(2, 3, 4)));
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.writes.size(), 2);
}

TEST_F(OutboxTest, AVectorGoesOutAsOneMessage) {
  SendFrames(1, 5);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1, 2, 3, 4, 5)));
  SendFrames(1, 0);
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.writes.size(), 1);
}

TEST_F(OutboxTest, ABatchIsCut) {
  outbox_.Send(Frame(1));
  for (uint64_t i = 2; i <= 5; ++i) outbox_.Send(Frame(i, 400));
  outbox_.OnWritten(true);
  outbox_.OnWritten(true);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2, 3),
                                          ElementsAre(4, 5)));
  for (uint64_t bytes : stream_.bytes) EXPECT_LE(bytes, 1'000);
}

TEST_F(OutboxTest, ALargerFrameTravelsAlone) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2));
  outbox_.Send(Frame(3, 2'000));
  outbox_.Send(Frame(4));
  for (int i = 0; i < 3; ++i) outbox_.OnWritten(true);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2),
                                          ElementsAre(3), ElementsAre(4)));
}

TEST_F(OutboxTest, WhatIsLeftOfACutTravelsWithWhatCameLater) {
  outbox_.Send(Frame(1));
  for (uint64_t i = 2; i <= 4; ++i) outbox_.Send(Frame(i, 400));
  outbox_.OnWritten(true);
  outbox_.Send(Frame(5));
  outbox_.OnWritten(true);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2, 3),
                                          ElementsAre(4, 5)));
}

// Frame 1000 + n stands for n that were lost.
class LossyOutboxTest : public OutboxTest {
 protected:
  LossyOutboxTest() { metrics_.lost_frames = &lost_; }

  Counter& lost_ = registry_.AddCounter("lost", "");
  Outbox<v1::BrokerBatch> lossy_{
      stream_,
      {.bytes_max = 1'000, .batch_bytes_max = 1'000},
      {.bytes = &bytes_, .overflows = &overflows_, .lost_frames = &lost_},
      [](uint64_t lost) { return Frame(1'000 + lost); }};
};

TEST_F(LossyOutboxTest, WhatFindsNoRoomIsToldInItsPlace) {
  lossy_.Send(Frame(1));
  lossy_.Send(Frame(2, 900));
  lossy_.Send(Frame(3, 200));
  lossy_.Send(Frame(4, 200));
  EXPECT_EQ(lost_.Value(), 2);
  lossy_.Send(Frame(5));  // There is room for this one.
  lossy_.OnWritten(true);
  lossy_.OnWritten(true);
  EXPECT_THAT(stream_.writes,
              ElementsAre(ElementsAre(1), ElementsAre(2, 1'002, 5)));
  EXPECT_EQ(stream_.overflowed, 0);
  EXPECT_EQ(stream_.closed, 0);
  EXPECT_EQ(bytes_.Value(), 0);
}

TEST_F(LossyOutboxTest, ALossAtTheEndIsToldWithoutAnotherFrame) {
  lossy_.Send(Frame(1));
  lossy_.Send(Frame(2, 900));
  lossy_.Send(Frame(3, 200));
  lossy_.OnWritten(true);
  lossy_.OnWritten(true);
  EXPECT_THAT(stream_.writes,
              ElementsAre(ElementsAre(1), ElementsAre(2, 1'001)));
  lossy_.Send(Frame(4));
  EXPECT_THAT(stream_.writes.back(), ElementsAre(4));
}

TEST_F(LossyOutboxTest, AFinishTellsWhatIsMissingAndAClosureDoesNot) {
  lossy_.Send(Frame(1));
  lossy_.Send(Frame(2, 900));
  lossy_.Send(Frame(3, 200));
  lossy_.Finish();
  lossy_.OnWritten(true);
  lossy_.Close();
  EXPECT_EQ(stream_.closed, 0) << "a write is in flight";
  lossy_.OnWritten(true);
  EXPECT_THAT(stream_.writes,
              ElementsAre(ElementsAre(1), ElementsAre(2, 1'001)));
  EXPECT_EQ(stream_.closed, 1);
}

TEST_F(OutboxTest, AWriteThatEndsDuringAnOverflowDoesNotCloseBeforeIt) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2, 9'000));
  stream_.meanwhile = [this] { outbox_.OnWritten(true); };
  outbox_.Send(Frame(3, 9'000));
  EXPECT_EQ(stream_.overflowed, 1);
  EXPECT_FALSE(stream_.closed_before_overflowed);
  EXPECT_EQ(stream_.closed, 1);
}

TEST_F(OutboxTest, AnOverflowIsReportedOnceAndLosesTheQueue) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2, 6'000));
  outbox_.Send(Frame(3, 6'000));
  EXPECT_EQ(stream_.overflowed, 1);
  EXPECT_EQ(stream_.closed, 0) << "a write is in flight";
  outbox_.Send(Frame(4));
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.overflowed, 1);
  EXPECT_EQ(stream_.closed, 1);
  EXPECT_EQ(stream_.writes.size(), 1);
  EXPECT_EQ(overflows_.Value(), 1);
  EXPECT_EQ(dropped_.Value(), 3);
  EXPECT_EQ(bytes_.Value(), 0);
}

TEST_F(OutboxTest, OneFrameLargerThanTheBoundMayQueueAlone) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2, 20'000));
  EXPECT_EQ(stream_.overflowed, 0);
  outbox_.OnWritten(true);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(OutboxTest, TheBoundCountsWhatIsLeftOfACut) {
  outbox_.Send(Frame(1));
  for (uint64_t i = 2; i <= 10; ++i) outbox_.Send(Frame(i, 1'000));
  outbox_.OnWritten(true);
  outbox_.Send(Frame(11, 3'000));
  EXPECT_EQ(stream_.overflowed, 1);
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.closed, 1);
  EXPECT_EQ(outbox_.queued_bytes(), 0);
}

TEST_F(OutboxTest, FinishSendsWhatIsQueuedFirst) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2));
  outbox_.Finish();
  outbox_.Send(Frame(3));
  EXPECT_EQ(stream_.closed, 0);
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.closed, 0);
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.closed, 1);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(OutboxTest, CloseDropsWhatIsQueued) {
  outbox_.Send(Frame(1));
  outbox_.Send(Frame(2));
  outbox_.Close();
  outbox_.Close();
  EXPECT_EQ(stream_.closed, 0);
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.closed, 1);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1)));
  EXPECT_EQ(dropped_.Value(), 1);
}

TEST_F(OutboxTest, CloseAfterFinishDropsWhatIsLeft) {
  outbox_.Send(Frame(1));
  for (uint64_t i = 2; i <= 4; ++i) outbox_.Send(Frame(i, 600));
  outbox_.Finish();
  outbox_.OnWritten(true);
  outbox_.Close();
  outbox_.OnWritten(true);
  EXPECT_EQ(stream_.closed, 1);
  EXPECT_THAT(stream_.writes, ElementsAre(ElementsAre(1), ElementsAre(2)));
  EXPECT_EQ(dropped_.Value(), 2);
  EXPECT_EQ(bytes_.Value(), 0);
}

TEST_F(OutboxTest, AnIdleOutboxClosesAtOnceAndOnce) {
  outbox_.Finish();
  EXPECT_EQ(stream_.closed, 1);
  outbox_.Close();
  EXPECT_EQ(stream_.closed, 1);
}

TEST_F(OutboxTest, AFailedWriteIsTheLast) {
  SendFrames(1, 8);
  outbox_.Send(Frame(9));
  outbox_.OnWritten(false);
  EXPECT_EQ(stream_.writes.size(), 1);
  EXPECT_EQ(stream_.closed, 1);
}

TEST_F(OutboxTest, DepthAndFramesAreCounted) {
  outbox_.Send(Frame(1));
  EXPECT_EQ(bytes_.Value(), 0);
  outbox_.Send(Frame(2, 100));
  EXPECT_GT(bytes_.Value(), 100);
  EXPECT_EQ(bytes_.Value(), outbox_.queued_bytes());
  outbox_.OnWritten(true);
  EXPECT_EQ(bytes_.Value(), 0);
  EXPECT_EQ(frames_.Value(), 2);
  EXPECT_EQ(per_write_.Collect().histogram.sample_count, 2);
}

}  // namespace
}  // namespace aerie::rpc
