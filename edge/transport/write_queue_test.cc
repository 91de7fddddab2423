#include "edge/transport/write_queue.h"

#include <array>
#include <random>

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

constexpr uint8_t kText = WriteQueue::kFin | 1;

WriteQueue::Bytes Share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

class WriteQueueTest : public ::testing::Test {
 protected:
  // What one write would be given.
  std::string Gathered() {
    count_ = queue_.Gather(absl::MakeSpan(buffers_), absl::MakeSpan(arena_));
    std::string bytes;
    for (size_t i = 0; i < count_; ++i) {
      bytes.append(static_cast<const char*>(buffers_[i].iov_base),
                   buffers_[i].iov_len);
    }
    return bytes;
  }

  WriteQueue queue_;
  std::array<iovec, 8> buffers_;
  std::array<char, 4096> arena_;
  size_t count_ = 0;
};

TEST_F(WriteQueueTest, HeadersFollowTheLength) {
  const auto header = [this](size_t length) {
    queue_ = WriteQueue();
    queue_.PushFrame(kText, Share(std::string(length, 'x')));
    EXPECT_EQ(queue_.bytes(), Gathered().size());
    const std::string all = Gathered();
    return all.substr(0, all.size() - length);
  };
  using namespace std::string_literals;
  EXPECT_EQ(header(0), "\x81\x00"s);
  EXPECT_EQ(header(125), "\x81\x7d"s);
  EXPECT_EQ(header(126), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(header(65535), "\x81\x7e\xff\xff"s);
  EXPECT_EQ(header(65536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST_F(WriteQueueTest, SmallFramesMakeOneBufferLargeOnesAreNotCopied) {
  const auto large = Share(std::string(WriteQueue::kCopyMax + 1, 'l'));
  queue_.PushFrame(kText, Share("a"));
  queue_.PushRaw(Share("raw"));
  queue_.PushFrame(kText, large);
  queue_.PushFrame(kText, Share("b"));
  Gathered();
  ASSERT_EQ(count_, 3u);
  EXPECT_EQ(buffers_[0].iov_len, 3u + 3u + 4u);
  EXPECT_EQ(buffers_[1].iov_base, large->data());
  EXPECT_EQ(buffers_[2].iov_len, 3u);
}

TEST_F(WriteQueueTest, PartsAreConsumedAtAnyPoint) {
  std::string expected;
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const std::string payload(random() % 3000, static_cast<char>('a' + i % 26));
    WriteQueue one;
    one.PushFrame(kText, Share(payload));
    queue_.PushFrame(kText, Share(payload));
    std::vector<char> arena(8192);
    const size_t count =
        one.Gather(absl::MakeSpan(buffers_), absl::MakeSpan(arena));
    for (size_t b = 0; b < count; ++b) {
      expected.append(static_cast<const char*>(buffers_[b].iov_base),
                      buffers_[b].iov_len);
    }
  }
  std::string written;
  while (!queue_.empty()) {
    const std::string offered = Gathered();
    ASSERT_FALSE(offered.empty());
    const size_t taken = 1 + random() % offered.size();
    written += offered.substr(0, taken);
    queue_.Consume(taken);
    ASSERT_EQ(queue_.bytes(), expected.size() - written.size());
  }
  EXPECT_EQ(written, expected);
}

TEST_F(WriteQueueTest, WhatIsOfferedAgainIsNeverShorter) {
  for (int i = 0; i < 20; ++i) {
    queue_.PushFrame(kText, Share(std::string(300, 'x')));
  }
  Gathered();
  const size_t before = buffers_[0].iov_len;
  queue_.PushFrame(kText, Share("more"));
  Gathered();
  EXPECT_GE(buffers_[0].iov_len, before);
}

TEST_F(WriteQueueTest, BehindTheFrontCountsTheRest) {
  EXPECT_EQ(queue_.bytes_behind_front(), 0u);
  queue_.PushFrame(kText, Share(std::string(5000, 'x')));
  EXPECT_EQ(queue_.bytes_behind_front(), 0u);
  queue_.PushFrame(kText, Share("ab"));
  EXPECT_EQ(queue_.bytes_behind_front(), 4u);
  queue_.Consume(100);
  EXPECT_EQ(queue_.bytes_behind_front(), 4u);
}

TEST_F(WriteQueueTest, DroppingKeepsTheFrameThatHasBegun) {
  queue_.PushFrame(kText, Share("first"));
  queue_.PushFrame(kText, Share("second"));
  queue_.Consume(1);
  EXPECT_EQ(queue_.DropBehind(0), 8u);
  queue_.PushRaw(Share("!"));
  EXPECT_EQ(Gathered(),
            "\x05"
            "first!");
}

TEST_F(WriteQueueTest, DroppingKeepsWhatWasOffered) {
  queue_.PushFrame(kText, Share("first"));
  queue_.PushFrame(kText, Share("second"));
  queue_.PushFrame(kText, Share("third"));
  EXPECT_EQ(queue_.DropBehind(8), 7u);
  EXPECT_EQ(queue_.bytes(), 15u);
}

TEST_F(WriteQueueTest, DroppingMayLeaveNothing) {
  EXPECT_EQ(queue_.DropBehind(0), 0u);
  queue_.PushFrame(kText, Share("first"));
  EXPECT_EQ(queue_.DropBehind(0), 7u);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), 0u);
}

TEST_F(WriteQueueTest, AQueueThatNeverEmptiesForgetsWhatIsWritten) {
  queue_.PushFrame(kText, Share("x"));
  for (int i = 0; i < 1000; ++i) {
    queue_.PushFrame(kText, Share("x"));
    queue_.Consume(3);
    EXPECT_EQ(Gathered(), "\x81\x01x");
  }
}

}  // namespace
}  // namespace aerie::edge
