#include "broker/rpc/edge_links.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FakeLink final : public EdgeLinks::Link {
 public:
  FakeLink(std::string name, std::vector<std::string>& log)
      : name_(std::move(name)), log_(log) {}

  void Welcome() override { log_.push_back(name_ + " welcome"); }
  void End(absl::Status reason, absl::AnyInvocable<void()> then) override {
    log_.push_back(
        absl::StrCat(name_, " ", absl::StatusCodeToString(reason.code())));
    then_ = std::move(then);
  }
  void Drain(std::shared_ptr<const void> told) override {
    log_.push_back(name_ + " drain");
    told_ = std::move(told);
  }

  void Look(absl::AnyInvocable<void(absl::optional<EdgeView>)> to) override {
    if (linked_for_ms_ < 0) return to(absl::nullopt);
    to(EdgeView{.name = name_, .linked_for_ms = linked_for_ms_});
  }
  void Sockets(uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override {
    log_.push_back(absl::StrCat(name_, " sockets ", after, " ", max));
    to({});
  }
  void Find(uint64_t number, absl::AnyInvocable<void(SocketPtr)> to) override {
    log_.push_back(absl::StrCat(name_, " find ", number));
    to(nullptr);
  }

  void LinkedForMs(int64_t ms) { linked_for_ms_ = ms; }
  void GaveUpItsSockets() { then_(); }
  void ToldItsEdge() { told_ = nullptr; }

 private:
  const std::string name_;
  std::vector<std::string>& log_;
  absl::AnyInvocable<void()> then_;
  std::shared_ptr<const void> told_;
  int64_t linked_for_ms_ = -1;
};

class EdgeLinksTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeLink> NewLink(const std::string& name) {
    return std::make_shared<FakeLink>(name, log_);
  }
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }

  EdgeLinks links_;
  std::vector<std::string> log_;
};

TEST_F(EdgeLinksTest, EachEdgeHasItsLink) {
  links_.Admit(NewLink("a1"), "edge-a", 1);
  links_.Admit(NewLink("b1"), "edge-b", 1);
  EXPECT_THAT(TakeLog(), ElementsAre("a1 welcome", "b1 welcome"));
}

TEST_F(EdgeLinksTest, ANewerEpochIsWelcomedWhenTheOlderHasGivenUpItsSockets) {
  const auto first = NewLink("first");
  links_.Admit(first, "edge-a", 1);
  links_.Admit(NewLink("second"), "edge-a", 2);
  EXPECT_THAT(TakeLog(), ElementsAre("first welcome", "first ABORTED"));
  first->GaveUpItsSockets();
  EXPECT_THAT(TakeLog(), ElementsAre("second welcome"));
}

TEST_F(EdgeLinksTest, AnEpochThatIsNotNewerIsRefused) {
  links_.Admit(NewLink("fifth"), "edge-a", 5);
  links_.Admit(NewLink("twin"), "edge-a", 5);
  links_.Admit(NewLink("late"), "edge-a", 4);
  EXPECT_THAT(TakeLog(),
              ElementsAre("fifth welcome", "twin ABORTED", "late ABORTED"));
}

TEST_F(EdgeLinksTest, ALinkThatHasEndedIsForgotten) {
  const auto first = NewLink("first");
  links_.Admit(first, "edge-a", 1);
  links_.Remove(first, "edge-a");
  EXPECT_EQ(first.use_count(), 1);
  TakeLog();
  links_.Admit(NewLink("second"), "edge-a", 1);
  EXPECT_THAT(TakeLog(), ElementsAre("second welcome"));
}

TEST_F(EdgeLinksTest, TheEndOfAnOlderLinkDoesNotTouchTheNewer) {
  const auto first = NewLink("first");
  links_.Admit(first, "edge-a", 1);
  links_.Admit(NewLink("second"), "edge-a", 2);
  links_.Remove(first, "edge-a");
  TakeLog();
  links_.Admit(NewLink("late"), "edge-a", 2);
  EXPECT_THAT(TakeLog(), ElementsAre("late ABORTED"));
}

TEST_F(EdgeLinksTest, DrainReachesEveryLinkAndEndsAdmission) {
  const auto first = NewLink("first");
  links_.Admit(first, "edge-a", 1);
  TakeLog();
  links_.Drain([] {});
  EXPECT_THAT(TakeLog(), ElementsAre("first drain"));
  links_.Admit(NewLink("second"), "edge-a", 2);
  links_.Admit(NewLink("other"), "edge-b", 1);
  EXPECT_THAT(TakeLog(),
              ElementsAre("second UNAVAILABLE", "other UNAVAILABLE"));
}

TEST_F(EdgeLinksTest, ALinkThatHasEndedIsNotDrained) {
  const auto first = NewLink("first");
  links_.Admit(first, "edge-a", 1);
  links_.Remove(first, "edge-a");
  TakeLog();
  links_.Drain([this] { log_.push_back("all told"); });
  EXPECT_THAT(TakeLog(), ElementsAre("all told"));
}

TEST_F(EdgeLinksTest, DrainWaitsUntilEveryEdgeHasBeenTold) {
  const auto first = NewLink("first");
  const auto second = NewLink("second");
  links_.Admit(first, "edge-a", 1);
  links_.Admit(second, "edge-b", 1);
  TakeLog();
  links_.Drain([this] { log_.push_back("all told"); });
  EXPECT_THAT(TakeLog(), UnorderedElementsAre("first drain", "second drain"));
  first->ToldItsEdge();
  EXPECT_THAT(TakeLog(), IsEmpty());
  second->ToldItsEdge();
  EXPECT_THAT(TakeLog(), ElementsAre("all told"));
}

TEST_F(EdgeLinksTest, ThoseThatCarrySocketsAreListedByName) {
  const auto b = NewLink("edge-b");
  const auto a = NewLink("edge-a");
  const auto refused = NewLink("edge-c");
  links_.Admit(b, "edge-b", 1);
  links_.Admit(a, "edge-a", 1);
  links_.Admit(refused, "edge-c", 1);
  a->LinkedForMs(7);
  b->LinkedForMs(9);
  std::vector<std::string> listed;
  links_.List([&](const std::vector<EdgeView>& views) {
    for (const EdgeView& view : views) {
      listed.push_back(absl::StrCat(view.name, " ", view.linked_for_ms));
    }
  });
  EXPECT_THAT(listed, ElementsAre("edge-a 7", "edge-b 9"));
}

TEST_F(EdgeLinksTest, QuestionsAboutSocketsGoToTheEdgesLink) {
  links_.Admit(NewLink("a"), "edge-a", 1);
  TakeLog();
  int answers = 0;
  links_.Sockets("edge-a", 3, 10, [&](const auto&) { ++answers; });
  links_.Find("edge-a", 4, [&](const SocketPtr&) { ++answers; });
  EXPECT_THAT(TakeLog(), ElementsAre("a sockets 3 10", "a find 4"));
  links_.Sockets("edge-z", 0, 10, [&](const std::vector<SocketPtr>& sockets) {
    answers += sockets.empty();
  });
  links_.Find("edge-z", 4,
              [&](const SocketPtr& socket) { answers += socket == nullptr; });
  EXPECT_EQ(answers, 4);
}

}  // namespace
}  // namespace aerie::broker
