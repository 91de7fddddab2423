// The outbox between threads: several send, another one ends the writes.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "common/rpc/outbox.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::rpc {
namespace {

constexpr uint64_t kSenders = 4;
constexpr uint64_t kFrames = 20'000;  // Of each sender.

// A stream with a thread of its own, on which writes end at once.
class ThreadedStream final : public Outbox<v1::BrokerBatch>::Stream {
 public:
  // Until Closed.
  void Join() { thread_.join(); }

  void Write(const v1::BrokerBatch& batch) override {
    for (const v1::BrokerFrame& frame : batch.frames()) {
      received.push_back(frame.socket());
    }
    Do(Step::kWritten);
  }
  void Overflowed() override { ADD_FAILURE(); }
  void Closed() override { Do(Step::kClosed); }

  Outbox<v1::BrokerBatch> outbox{*this, OutboxOptions(), OutboxMetrics()};
  std::vector<uint64_t> received;  // The writer's; the test's at the end.

 private:
  enum class Step { kNone, kWritten, kClosed };

  void Do(Step step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    EXPECT_EQ(step_, Step::kNone) << "two writes at once";
    step_ = step;
    wake_.notify_one();
  }

  void Run() {
    for (;;) {
      Step step;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [this] { return step_ != Step::kNone; });
        step = step_;
        step_ = Step::kNone;
      }
      if (step == Step::kClosed) return;
      outbox.OnWritten(true);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  Step step_ = Step::kNone;                // By mutex_.
  std::thread thread_{[this] { Run(); }};  // Last: it uses all of the above.
};

TEST(OutboxThreadsTest, EachFrameArrivesOnceAndInItsSendersOrder) {
  ThreadedStream stream;
  std::vector<std::thread> senders;
  for (uint64_t sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&stream, sender] {
      for (uint64_t i = 0; i < kFrames; ++i) {
        v1::BrokerFrame frame;
        frame.set_socket(sender * kFrames + i);
        stream.outbox.Send(std::move(frame));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  stream.outbox.Finish();
  stream.Join();
  ASSERT_EQ(stream.received.size(), kSenders * kFrames);
  std::vector<uint64_t> next(kSenders);
  for (const uint64_t socket : stream.received) {
    ASSERT_EQ(socket % kFrames, next[socket / kFrames]++);
  }
}

}  // namespace
}  // namespace aerie::rpc
