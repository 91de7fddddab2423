#include "broker/watch/watchers.h"

#include <string>
#include <utility>
#include <vector>

#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using Event = v1::WatchResponse::Event;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WatchersTest : public ::testing::Test {
 protected:
  WatcherPtr Watch(const v1::WatchRequest& request) {
    auto watcher = std::make_shared<Watcher>(
        request, limits_.watch_queue_bytes_max, [this] { ++ready_; });
    EXPECT_TRUE(watchers_.Add(watcher));
    return watcher;
  }

  void Tell(Event::Kind kind, const std::string& topic) {
    Event event;
    event.set_kind(kind);
    event.set_topic(topic);
    watchers_.Tell(std::move(event));
  }

  // What the watcher has yet to hear: `JOINED room:a`.
  static std::vector<std::string> Take(const WatcherPtr& watcher) {
    std::vector<std::string> heard;
    v1::WatchResponse response;
    while (watcher->Take(&response)) {
      for (const Event& event : response.events()) {
        std::string line = Event::Kind_Name(event.kind()).substr(5);
        if (!event.topic().empty()) line += " " + event.topic();
        if (event.lost() > 0) line += " " + std::to_string(event.lost());
        heard.push_back(std::move(line));
      }
    }
    return heard;
  }

  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Watchers watchers_{limits_, metrics_};
  int ready_ = 0;
};

TEST_F(WatchersTest, NobodyWantsAnythingUntilSomebodyWatches) {
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_JOINED));
  v1::WatchRequest request;
  request.set_channels(true);
  const WatcherPtr watcher = Watch(request);
  EXPECT_TRUE(watchers_.Wanted(Event::KIND_JOINED));
  EXPECT_TRUE(watchers_.Wanted(Event::KIND_LEFT));
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_OCCUPIED));
  EXPECT_EQ(metrics_.watchers.Value(), 1);
  watchers_.Remove(watcher);
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_JOINED));
  EXPECT_EQ(metrics_.watchers.Value(), 0);
}

TEST_F(WatchersTest, EachHearsWhatItAskedForBehindTheWordThatItWatches) {
  v1::WatchRequest request;
  request.set_topics(true);
  request.set_prefix("room:");
  const WatcherPtr topics = Watch(request);
  request.Clear();
  request.set_sockets(true);
  const WatcherPtr sockets = Watch(request);
  Tell(Event::KIND_OCCUPIED, "room:a");
  Tell(Event::KIND_OCCUPIED, "lobby");
  Tell(Event::KIND_CONNECTED, "");
  Tell(Event::KIND_VACATED, "room:a");
  EXPECT_THAT(Take(topics),
              ElementsAre("WATCHING", "OCCUPIED room:a", "VACATED room:a"));
  EXPECT_THAT(Take(sockets), ElementsAre("WATCHING", "CONNECTED"));
}

TEST_F(WatchersTest, BroadcastsAreNamedByTopicOrPrefix) {
  v1::WatchRequest request;
  request.add_broadcasts("room:*");
  request.add_broadcasts("lobby");
  const WatcherPtr watcher = Watch(request);
  for (const char* topic : {"room:a", "lobby", "lobby:b", "other"}) {
    Tell(Event::KIND_BROADCAST, topic);
  }
  EXPECT_THAT(Take(watcher),
              ElementsAre("WATCHING", "BROADCAST room:a", "BROADCAST lobby"));
}

TEST_F(WatchersTest, WhatFindsNoRoomIsCountedWhereItIsMissing) {
  limits_.watch_queue_bytes_max = 2'000;
  v1::WatchRequest request;
  request.set_channels(true);
  const WatcherPtr slow = Watch(request);
  for (int i = 0; i < 100; ++i) Tell(Event::KIND_JOINED, "room:a");
  std::vector<std::string> heard = Take(slow);
  ASSERT_GE(heard.size(), 3u);
  const int kept = static_cast<int>(heard.size()) - 2;
  EXPECT_EQ(heard.back(), "LOST " + std::to_string(100 - kept));
  EXPECT_EQ(metrics_.watch_events_lost.Value(), 100 - kept);
  Tell(Event::KIND_LEFT, "room:b");
  EXPECT_THAT(Take(slow), ElementsAre("LEFT room:b"));
}

TEST_F(WatchersTest, ALossInTheMiddleIsToldBeforeWhatFollows) {
  limits_.watch_queue_bytes_max = 1'000;
  v1::WatchRequest request;
  request.set_channels(true);
  const WatcherPtr slow = Watch(request);
  while (metrics_.watch_events_lost.Value() < 3) {
    Tell(Event::KIND_JOINED, "room:a");
  }
  v1::WatchResponse response;
  ASSERT_TRUE(slow->Take(&response));
  EXPECT_EQ(response.events().rbegin()->kind(), Event::KIND_LOST);
  EXPECT_EQ(response.events().rbegin()->lost(), 3u);
}

TEST_F(WatchersTest, AWatcherThatHasFoundNothingIsWokenOnce) {
  v1::WatchRequest request;
  request.set_channels(true);
  const WatcherPtr watcher = Watch(request);
  Tell(Event::KIND_JOINED, "room:a");
  EXPECT_EQ(ready_, 0);  // It has not asked yet.
  EXPECT_EQ(Take(watcher).size(), 2u);
  Tell(Event::KIND_JOINED, "room:a");
  Tell(Event::KIND_JOINED, "room:a");
  Tell(Event::KIND_OCCUPIED, "room:a");
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(Take(watcher).size(), 2u);
}

TEST_F(WatchersTest, ThereAreOnlySoMany) {
  limits_.watchers_max = 1;
  const WatcherPtr first = Watch({});
  const auto second =
      std::make_shared<Watcher>(v1::WatchRequest(), 1'000, [] {});
  EXPECT_FALSE(watchers_.Add(second));
  watchers_.Remove(first);
  EXPECT_TRUE(watchers_.Add(second));
}

}  // namespace
}  // namespace aerie::broker
