#include "edge/link/downlink.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics.h"
#include "edge/link/testing/fake_linked_thread.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecordingLink final : public FrameSink {
 public:
  void Send(std::vector<v1::EdgeFrame>& frames) override {
    for (const v1::EdgeFrame& frame : frames) sent.push_back(frame.socket());
    frames.clear();
    ++sends;
  }

  std::vector<uint64_t> sent;
  int sends = 0;
};

class BatchBuilder {
 public:
  BatchBuilder& To(uint64_t socket, size_t bytes = 0) {
    v1::BrokerFrame& frame = *batch_->add_frames();
    frame.set_socket(socket);
    frame.mutable_message()->set_json(std::string(bytes, 'x'));
    return *this;
  }
  BatchBuilder& Fanout(uint32_t groups) {
    batch_->add_frames()->mutable_fanout()->set_groups(groups);
    return *this;
  }
  BatchBuilder& Welcome() {
    batch_->add_frames()->mutable_welcome();
    return *this;
  }
  BatchBuilder& Drain() {
    batch_->add_frames()->mutable_drain();
    return *this;
  }
  std::shared_ptr<const v1::BrokerBatch> Build() { return std::move(batch_); }

 private:
  std::shared_ptr<v1::BrokerBatch> batch_ = std::make_shared<v1::BrokerBatch>();
};

class DownlinkTest : public ::testing::Test {
 protected:
  static v1::EdgeFrame From(uint64_t socket) {
    v1::EdgeFrame frame;
    frame.set_socket(socket);
    return frame;
  }

  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  FakeLinkedThread even_;
  FakeLinkedThread odd_;
  int rooms_ = 0;
  Downlink downlink_{
      {&even_, &odd_}, /*inbox_bytes_max=*/1'000, metrics_, [this] {
        ++rooms_;
      }};
};

TEST_F(DownlinkTest, EachThreadGetsItsSocketsFramesInOneTurn) {
  downlink_.Post(BatchBuilder().To(2).To(3).To(4).To(2).Build());
  EXPECT_EQ(even_.posted(), 1);
  EXPECT_EQ(odd_.posted(), 1);
  even_.RunAll();
  odd_.RunAll();
  EXPECT_THAT(even_.TakeLog(), ElementsAre("socket 2", "socket 4", "socket 2"));
  EXPECT_THAT(odd_.TakeLog(), ElementsAre("socket 3"));
}

TEST_F(DownlinkTest, AFanoutGoesToEveryThreadInItsPlace) {
  downlink_.Post(BatchBuilder().To(3).Fanout(1).To(2).Build());
  even_.RunAll();
  odd_.RunAll();
  EXPECT_THAT(even_.TakeLog(), ElementsAre("fanout 1", "socket 2"));
  EXPECT_THAT(odd_.TakeLog(), ElementsAre("socket 3", "fanout 1"));
}

TEST_F(DownlinkTest, AThreadWithoutFramesIsNotWoken) {
  downlink_.Post(BatchBuilder().To(2).Build());
  EXPECT_EQ(even_.posted(), 1);
  EXPECT_EQ(odd_.posted(), 0);
}

TEST_F(DownlinkTest, AWelcomeIsForEveryThread) {
  downlink_.Post(BatchBuilder().Welcome().Build());
  EXPECT_EQ(even_.posted(), 1);
  EXPECT_EQ(odd_.posted(), 1);
}

TEST_F(DownlinkTest, UpFramesAndLostKeepTheirOrder) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(7, link);
  downlink_.Post(BatchBuilder().To(2).Build());
  downlink_.Lost();
  downlink_.Up(8, link);
  even_.RunAll();
  EXPECT_THAT(even_.TakeLog(), ElementsAre("up 7", "socket 2", "lost", "up 8"));
}

TEST_F(DownlinkTest, WhatFollowsADrainIsDropped) {
  EXPECT_EQ(downlink_.Post(BatchBuilder().To(2).Drain().To(4).Build()),
            Downlink::Next::kDrain);
  even_.RunAll();
  EXPECT_THAT(even_.TakeLog(), ElementsAre("socket 2"));
}

TEST_F(DownlinkTest, AThreadSendsToTheLinkThatItKnows) {
  auto first = std::make_shared<RecordingLink>();
  auto second = std::make_shared<RecordingLink>();
  downlink_.Send(From(2));  // Knows of none.
  even_.RunAll();
  downlink_.Up(1, first);
  even_.RunAll();
  downlink_.Send(From(2));
  downlink_.Send(From(3));  // That thread was not told yet.

  downlink_.Lost();
  downlink_.Up(2, second);
  downlink_.Send(From(4));  // Neither was told of the loss.
  even_.RunOne();           // The end of that turn.
  EXPECT_THAT(first->sent, ElementsAre(2, 4));
  EXPECT_THAT(second->sent, IsEmpty());

  even_.RunOne();
  downlink_.Send(From(6));  // Lost.
  even_.RunAll();
  downlink_.Send(From(8));
  even_.RunAll();
  odd_.RunAll();
  EXPECT_THAT(first->sent, ElementsAre(2, 4));
  EXPECT_THAT(second->sent, ElementsAre(8));
  EXPECT_EQ(metrics_.link_frames_dropped.Value(), 3);
}

TEST_F(DownlinkTest, TheFramesOfATurnTravelTogether) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(1, link);
  even_.RunAll();
  for (uint64_t i = 1; i <= 4; ++i) downlink_.Send(From(2 * i));
  EXPECT_EQ(link->sends, 0);
  EXPECT_EQ(even_.posted(), 1);
  even_.RunAll();
  EXPECT_EQ(link->sends, 1);
  EXPECT_THAT(link->sent, ElementsAre(2, 4, 6, 8));
}

TEST_F(DownlinkTest, AThreadThatSendsMuchGathersForAWhile) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(1, link);
  even_.RunAll();
  for (int i = 0; i < 4; ++i) downlink_.Send(From(2));
  even_.RunAll();
  EXPECT_THAT(even_.TakeDelays(), IsEmpty());
  downlink_.Send(From(2));
  downlink_.Send(From(4));
  EXPECT_THAT(even_.TakeDelays(), ElementsAre(std::chrono::milliseconds(1)));
  even_.RunAll();
  EXPECT_EQ(link->sends, 2);
  // That was not much.
  downlink_.Send(From(2));
  EXPECT_THAT(even_.TakeDelays(), IsEmpty());
}

TEST_F(DownlinkTest, AVeryLongTurnSendsBeforeItsEnd) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(1, link);
  even_.RunAll();
  for (int i = 0; i < 600; ++i) downlink_.Send(From(2));
  EXPECT_EQ(link->sends, 2);
  even_.RunAll();
  EXPECT_EQ(link->sent.size(), 600);
}

TEST_F(DownlinkTest, FlushSendsWhatTheLastTurnHasGathered) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(1, link);
  even_.RunAll();
  downlink_.Send(From(2));
  downlink_.Flush();
  EXPECT_THAT(link->sent, ElementsAre(2));
}

TEST_F(DownlinkTest, AThreadThatWasNotToldOfALossKeepsNoLinkAlive) {
  auto link = std::make_shared<RecordingLink>();
  downlink_.Up(1, link);
  even_.RunAll();
  link.reset();
  downlink_.Send(From(2));
  even_.RunAll();
  EXPECT_EQ(metrics_.link_frames_dropped.Value(), 1);
}

TEST_F(DownlinkTest, OverTheBoundTheReaderWaitsUntilTheThreadsHaveCaughtUp) {
  EXPECT_EQ(downlink_.Post(BatchBuilder().To(2, 900).Build()),
            Downlink::Next::kRead);
  EXPECT_EQ(downlink_.Post(BatchBuilder().To(2, 900).To(3).Build()),
            Downlink::Next::kWait);
  EXPECT_EQ(metrics_.link_reader_pauses.Value(), 1);
  odd_.RunAll();
  EXPECT_EQ(rooms_, 0) << "the other thread is the one that is behind";
  even_.RunOne();
  EXPECT_EQ(rooms_, 1);
  even_.RunOne();
  EXPECT_EQ(rooms_, 1) << "once is enough";
  EXPECT_EQ(metrics_.thread_inbox_bytes.Value(), 0);
}

TEST_F(DownlinkTest, AbandonCallsRoomForThoseWhoWait) {
  downlink_.Abandon();
  EXPECT_EQ(rooms_, 0);
  downlink_.Post(BatchBuilder().To(2, 2'000).Build());
  downlink_.Abandon();
  EXPECT_EQ(rooms_, 1);
  even_.RunAll();
  EXPECT_EQ(rooms_, 1);
}

}  // namespace
}  // namespace aerie::edge
