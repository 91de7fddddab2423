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

// Remembers what it is told: `JOINED room:a`.
class Recorder final : public Watcher {
 public:
  using Watcher::Watcher;

  void Tell(const Event& event) override {
    std::string line = Event::Kind_Name(event.kind()).substr(5);
    if (!event.topic().empty()) line += " " + event.topic();
    heard.push_back(std::move(line));
  }

  std::vector<std::string> heard;
};

class WatchersTest : public ::testing::Test {
 protected:
  std::shared_ptr<Recorder> Watch(const v1::WatchRequest& request) {
    auto watcher = std::make_shared<Recorder>(request);
    watchers_.Add(watcher, [] {});
    return watcher;
  }

  void Tell(Event::Kind kind, const std::string& topic) {
    Event event;
    event.set_kind(kind);
    event.set_topic(topic);
    watchers_.Tell(event);
  }

  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  Watchers watchers_{metrics_};
};

TEST_F(WatchersTest, NobodyWantsAnythingUntilSomebodyWatches) {
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_JOINED));
  v1::WatchRequest request;
  request.set_channels(true);
  const auto watcher = Watch(request);
  EXPECT_TRUE(watchers_.Wanted(Event::KIND_JOINED));
  EXPECT_TRUE(watchers_.Wanted(Event::KIND_LEFT));
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_OCCUPIED));
  EXPECT_EQ(metrics_.watchers.Value(), 1);
  watchers_.Remove(watcher);
  EXPECT_FALSE(watchers_.Wanted(Event::KIND_JOINED));
  EXPECT_EQ(metrics_.watchers.Value(), 0);
  Tell(Event::KIND_JOINED, "room:a");
  EXPECT_THAT(watcher->heard, IsEmpty());
}

TEST_F(WatchersTest, EachHearsWhatItAskedFor) {
  v1::WatchRequest request;
  request.set_topics(true);
  request.set_prefix("room:");
  const auto topics = Watch(request);
  request.Clear();
  request.set_sockets(true);
  const auto sockets = Watch(request);
  Tell(Event::KIND_OCCUPIED, "room:a");
  Tell(Event::KIND_OCCUPIED, "lobby");
  Tell(Event::KIND_CONNECTED, "");
  Tell(Event::KIND_VACATED, "room:a");
  EXPECT_THAT(topics->heard, ElementsAre("OCCUPIED room:a", "VACATED room:a"));
  EXPECT_THAT(sockets->heard, ElementsAre("CONNECTED"));
}

TEST_F(WatchersTest, BroadcastsAreNamedByTopicOrPrefix) {
  v1::WatchRequest request;
  request.add_broadcasts("room:*");
  request.add_broadcasts("lobby");
  const auto watcher = Watch(request);
  for (const char* topic : {"room:a", "lobby", "lobby:b", "other"}) {
    Tell(Event::KIND_BROADCAST, topic);
  }
  EXPECT_THAT(watcher->heard,
              ElementsAre("BROADCAST room:a", "BROADCAST lobby"));
}

TEST_F(WatchersTest, AWatcherIsThereWhenItIsToldSo) {
  v1::WatchRequest request;
  request.set_topics(true);
  const auto watcher = std::make_shared<Recorder>(request);
  watchers_.Add(watcher, [this] { Tell(Event::KIND_OCCUPIED, "room:a"); });
  EXPECT_THAT(watcher->heard, ElementsAre("OCCUPIED room:a"));
}

}  // namespace
}  // namespace aerie::broker
