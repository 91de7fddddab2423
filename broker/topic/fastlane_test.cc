#include "broker/topic/fastlane.h"

#include <memory>

#include "broker/channel/testing/fake_edge.h"
#include "broker/channel/testing/fake_host.h"
#include "broker/topic/pubsub.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Events = std::vector<std::string>;

class FastlaneTest : public testing::Test {
 protected:
  // A channel of a socket on `edge`, enlisted; null when there is no group for
  // it.
  Channel* Enlist(const std::shared_ptr<FakeEdge>& edge,
                  const Events& events = {}) {
    const uint64_t serial = channels_.size() + 1;
    auto channel = std::make_unique<Channel>(
        Pid{0, 0, serial},
        std::make_shared<Socket>(edge, serial, "", "", Policy{}), topic_,
        topic_.name, host_, v1::Message());
    if (!topic_.fastlane.Enlist(*channel, events, 16)) return nullptr;
    channel->enlisted = true;
    channels_.push_back(std::move(channel));
    return channels_.back().get();
  }

  void Delist(Channel* channel) {
    topic_.fastlane.Delist(*channel);
    channel->enlisted = false;
  }

  uint32_t Publish(const std::string& event, const Channel* except = nullptr) {
    v1::Message message;
    message.set_topic(topic_.name);
    message.set_event(event);
    return topic_.fastlane.Publish(std::move(message), Only(except));
  }

  std::vector<uint64_t> Intercepting(const std::string& event,
                                     const Channel* except = nullptr) {
    std::vector<uint64_t> serials;
    for (const Pid& pid : topic_.fastlane.Intercepting(event, Only(except))) {
      serials.push_back(pid.serial);
    }
    return serials;
  }

  // None for null.
  static std::vector<const Channel*> Only(const Channel* except) {
    if (except == nullptr) return {};
    return {except};
  }

  std::shared_ptr<FakeEdge> a_ = std::make_shared<FakeEdge>();
  std::shared_ptr<FakeEdge> b_ = std::make_shared<FakeEdge>();
  FakeHost host_;
  Topic topic_{"room:a"};
  std::vector<std::unique_ptr<Channel>> channels_;
};

TEST_F(FastlaneTest, OneFanoutForEachEdgeWhateverItsSockets) {
  for (int i = 0; i < 100; ++i) Enlist(a_);
  Enlist(b_);
  EXPECT_EQ(Publish("tick"), 2u);
  EXPECT_THAT(a_->Take(),
              ElementsAre("fanout room:a tick {} groups=1 except="));
  EXPECT_THAT(b_->Take(),
              ElementsAre("fanout room:a tick {} groups=1 except="));
}

TEST_F(FastlaneTest, AnEdgeWithoutListenersIsSpared) {
  Channel* const left = Enlist(a_);
  Enlist(b_);
  Delist(left);
  EXPECT_EQ(Publish("tick"), 1u);
  EXPECT_THAT(a_->Take(), IsEmpty());
  EXPECT_EQ(b_->Take().size(), 1u);
}

TEST_F(FastlaneTest, TheExceptedChannelIsNamedAndSparesAnEdgeOfItsOwn) {
  Channel* const alone = Enlist(a_);
  Channel* const first = Enlist(b_);
  Enlist(b_);
  EXPECT_EQ(Publish("tick", alone), 1u);
  EXPECT_THAT(b_->Take(),
              ElementsAre("fanout room:a tick {} groups=1 except=1"));
  EXPECT_EQ(Publish("tick", first), 2u);
  EXPECT_THAT(a_->Take(),
              ElementsAre("fanout room:a tick {} groups=1 except=2"));
}

TEST_F(FastlaneTest, GroupsThatInterceptAreNotNamed) {
  Enlist(a_);
  EXPECT_EQ(Enlist(a_, {"secret"})->group, 1u);
  EXPECT_EQ(Enlist(a_, {"secret", "tick"})->group, 2u);
  EXPECT_EQ(Enlist(a_, {"secret"})->group, 1u);
  Publish("tick");
  Publish("secret");
  Publish("other");
  EXPECT_THAT(a_->Take(),
              ElementsAre("fanout room:a tick {} groups=3 except=",
                          "fanout room:a secret {} groups=1 except=",
                          "fanout room:a other {} groups=7 except="));
  EXPECT_THAT(Intercepting("tick"), ElementsAre(3));
  EXPECT_THAT(Intercepting("secret"), UnorderedElementsAre(2, 3, 4));
  EXPECT_THAT(Intercepting("secret", channels_[1].get()),
              UnorderedElementsAre(3, 4));
  EXPECT_THAT(Intercepting("other"), IsEmpty());
}

TEST_F(FastlaneTest, AnEdgeWhereAllInterceptGetsNoFanout) {
  Enlist(a_, {"secret"});
  EXPECT_EQ(Publish("secret"), 0u);
  EXPECT_EQ(Publish("tick"), 1u);
}

TEST_F(FastlaneTest, ThereAreSixteenGroupsAndEmptyOnesAreFree) {
  Channel* last = nullptr;
  for (int i = 1; i < 16; ++i) {
    last = Enlist(a_, {"event" + std::to_string(i)});
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(last->group, static_cast<uint32_t>(i));
  }
  EXPECT_EQ(Enlist(a_, {"one too many"}), nullptr);
  EXPECT_NE(Enlist(a_), nullptr);
  EXPECT_NE(Enlist(a_, {"event3"}), nullptr);
  Delist(last);
  Channel* const reused = Enlist(a_, {"one too many"});
  ASSERT_NE(reused, nullptr);
  EXPECT_EQ(reused->group, 15u);
  EXPECT_THAT(Intercepting("event15"), IsEmpty());
}

TEST_F(FastlaneTest, DelistingKeepsTheOtherMembersOfAGroup) {
  Channel* const first = Enlist(a_, {"secret"});
  Enlist(a_, {"secret"});
  Channel* const third = Enlist(a_, {"secret"});
  Delist(first);
  EXPECT_THAT(Intercepting("secret"), UnorderedElementsAre(2, 3));
  Delist(third);
  EXPECT_THAT(Intercepting("secret"), ElementsAre(2));
}

}  // namespace
}  // namespace aerie::broker
