#include "edge/transport/poller.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeEntry final : public Poller::Entry {
 public:
  void OnReady(uint32_t events) override { events_.push_back(events); }
  std::vector<uint32_t> TakeEvents() { return std::exchange(events_, {}); }

 private:
  std::vector<uint32_t> events_;
};

class PollerTest : public ::testing::Test {
 protected:
  PollerTest() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0);
    poller_.Start();
  }
  ~PollerTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }

  void Say(const char* word) {
    ASSERT_GT(send(ends_[1], word, strlen(word), 0), 0);
  }

  boost::asio::io_context context_;
  Poller poller_{context_};
  FakeEntry entry_;
  int ends_[2] = {-1, -1};
};

TEST_F(PollerTest, BytesAreToldOnce) {
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), IsEmpty());
  Say("one");
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), ElementsAre(EPOLLIN));
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), IsEmpty());
  Say("two");
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), ElementsAre(EPOLLIN));
}

TEST_F(PollerTest, WhatIsThereAlreadyIsTold) {
  Say("early");
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), ElementsAre(EPOLLIN));
}

TEST_F(PollerTest, ASocketMayGoToAnotherEntry) {
  FakeEntry other;
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  Say("unread");
  poller_.WatchAnew(ends_[0], other, /*writes=*/false);
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), IsEmpty());
  EXPECT_THAT(other.TakeEvents(), ElementsAre(EPOLLIN));
}

TEST_F(PollerTest, RoomToWriteIsToldToWhoAsks) {
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  poller_.WatchAnew(ends_[0], entry_, /*writes=*/true);
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), ElementsAre(EPOLLOUT));
}

TEST_F(PollerTest, TheEndIsToldWithTheLastBytes) {
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  Say("bye");
  shutdown(ends_[1], SHUT_WR);
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), ElementsAre(EPOLLIN | EPOLLRDHUP));
}

TEST_F(PollerTest, AClosedSocketIsForgotten) {
  ASSERT_TRUE(poller_.Watch(ends_[0], entry_));
  Say("late");
  close(std::exchange(ends_[0], -1));
  context_.poll();
  EXPECT_THAT(entry_.TakeEvents(), IsEmpty());
  EXPECT_FALSE(poller_.Watch(-1, entry_));
}

}  // namespace
}  // namespace aerie::edge
