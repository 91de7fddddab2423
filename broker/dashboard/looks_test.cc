#include "broker/dashboard/looks.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Pages that want to know, and a broker that answers when the test wants it to.
class LooksTest : public ::testing::Test {
 protected:
  void Want(const std::string& key, Looks::Kind kind = Looks::Kind::kOne) {
    looks().Want(
        key, kind,
        [this, key](Looks::Reply done) {
          asked_.push_back(key);
          owed_.push_back(std::move(done));
        },
        [this](const AdminAnswer& answer) {
          heard_.push_back(absl::StrCat(answer.status, " ", answer.body));
        });
  }
  // The oldest question that is open.
  void Say(const std::string& answer) {
    Looks::Reply done = std::move(owed_.front());
    owed_.erase(owed_.begin());
    done({200, "text/plain", answer});
  }
  std::vector<std::string> Asked() { return std::exchange(asked_, {}); }
  std::vector<std::string> Heard() { return std::exchange(heard_, {}); }

  Looks& looks() {
    if (looks_ == nullptr) {
      looks_ = std::make_unique<Looks>(limits_, clock_, metrics_);
    }
    return *looks_;
  }

  Limits limits_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::vector<std::string> asked_;
  std::vector<std::string> heard_;
  std::vector<Looks::Reply> owed_;
  std::unique_ptr<Looks> looks_;
};

TEST_F(LooksTest, ManyWhoWantTheSameAskOnce) {
  for (int i = 0; i < 20; ++i) Want("topics");
  EXPECT_THAT(Asked(), ElementsAre("topics"));
  Say("a");
  EXPECT_EQ(Heard(), std::vector<std::string>(20, "200 a"));
  EXPECT_EQ(metrics_.dashboard_asked.Value(), 1);
  EXPECT_EQ(metrics_.dashboard_shared.Value(), 19);
}

TEST_F(LooksTest, OnlySoManyWait) {
  for (uint32_t i = 0; i < limits_.dashboard_waiting_max; ++i) Want("topics");
  EXPECT_THAT(Heard(), IsEmpty());
  Want("topics");
  Want("another");
  EXPECT_THAT(Asked(), ElementsAre("topics"));
  EXPECT_EQ(Heard().size(), 2);
  EXPECT_EQ(metrics_.dashboard_refused.Value(), 2);
  Say("a");
  EXPECT_EQ(Heard().size(), limits_.dashboard_waiting_max);
  Want("another");
  EXPECT_THAT(Asked(), ElementsAre("another"));
}

TEST_F(LooksTest, WhatIsAtHandNeedsNoLoop) {
  for (uint32_t i = 0; i < limits_.dashboard_looks_max; ++i) {
    Want(absl::StrCat("socket ", i));
  }
  looks().Want(
      "history", Looks::Kind::kOwn,
      [](Looks::Reply done) {
        done({200, "text/plain", "h"});
      },
      [this](const AdminAnswer& answer) { heard_.push_back(answer.body); });
  EXPECT_THAT(Heard(), ElementsAre("h"));
}

TEST_F(LooksTest, AnAnswerIsKeptForAMoment) {
  Want("one");
  Want("all", Looks::Kind::kScan);
  Say("a");
  Say("b");
  clock_.AdvanceMs(limits_.dashboard_keep_ms - 1);
  Want("one");
  EXPECT_THAT(Heard(), ElementsAre("200 a", "200 b", "200 a"));
  clock_.AdvanceMs(1);
  Asked();
  Want("one");
  // What is dear is kept longer.
  Want("all", Looks::Kind::kScan);
  EXPECT_THAT(Asked(), ElementsAre("one"));
  EXPECT_THAT(Heard(), ElementsAre("200 b"));
}

TEST_F(LooksTest, QuestionsHaveARate) {
  for (uint32_t i = 0; i < limits_.dashboard_looks_per_second + 5; ++i) {
    Want(absl::StrCat("socket ", i));
    if (!owed_.empty()) Say("");
  }
  EXPECT_EQ(Asked().size(), limits_.dashboard_looks_per_second);
  EXPECT_THAT(Heard().back(), ::testing::StartsWith("429 {\"error\""));
  EXPECT_EQ(metrics_.dashboard_refused.Value(), 5);
  // What has been saved up since buys more, and never more than a second's.
  clock_.AdvanceMs(100);
  for (int i = 0; i < 10; ++i) Want(absl::StrCat("topic ", i));
  EXPECT_EQ(Asked().size(), limits_.dashboard_looks_per_second / 10);
}

TEST_F(LooksTest, ALookAtEveryTopicIsDearer) {
  for (int i = 0; i < 100; ++i) {
    Want(absl::StrCat("prefix ", i), Looks::Kind::kScan);
    if (!owed_.empty()) Say("");
  }
  EXPECT_EQ(Asked().size(), limits_.dashboard_looks_per_second / 8);
}

TEST_F(LooksTest, OnlySoManyAreUnderWay) {
  for (uint32_t i = 0; i < limits_.dashboard_looks_max + 1; ++i) {
    Want(absl::StrCat("socket ", i));
  }
  EXPECT_EQ(Asked().size(), limits_.dashboard_looks_max);
  EXPECT_EQ(Heard().size(), 1);
  Say("a");
  Want("another");
  EXPECT_THAT(Asked(), ElementsAre("another"));
}

TEST_F(LooksTest, NobodyWaitsForALoopThatIsStuck) {
  Want("topics");
  clock_.AdvanceMs(limits_.dashboard_look_deadline_ms - 1);
  looks().Step();
  EXPECT_THAT(Heard(), IsEmpty());
  clock_.AdvanceMs(1);
  looks().Step();
  EXPECT_THAT(
      Heard(),
      ElementsAre("503 {\"error\":\"the broker's loops do not answer\"}"));
  // And it is not asked again meanwhile.
  Want("topics");
  EXPECT_THAT(Asked(), ElementsAre("topics"));
  EXPECT_EQ(Heard().size(), 1);
  EXPECT_EQ(metrics_.dashboard_late.Value(), 2);
  // It comes to itself.
  Say("a");
  Want("topics");
  EXPECT_THAT(Heard(), ElementsAre("200 a"));
}

TEST_F(LooksTest, AnswersAreForgotten) {
  for (uint32_t i = 0; i < limits_.dashboard_answers_max + 20; ++i) {
    Want(absl::StrCat("socket ", i));
    Say("");
    clock_.AdvanceMs(30);
    EXPECT_LE(looks().size(), limits_.dashboard_answers_max);
  }
  clock_.AdvanceMs(limits_.dashboard_keep_ms);
  looks().Step();
  EXPECT_EQ(looks().size(), 0);
}

}  // namespace
}  // namespace aerie::broker
