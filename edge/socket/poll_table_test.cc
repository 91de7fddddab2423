#include "edge/socket/poll_table.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "edge/socket/testing/fake_upstream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Answer = v1::PollAnswer;

class PollTableTest : public ::testing::Test {
 protected:
  PollTableTest() { uplink_.Up(1); }

  PollAnswered Note(uint64_t number) {
    return [this, number](const Answer& answer) {
      heard_.push_back(absl::StrCat(
          number, " ", Answer::Result_Name(answer.result()).substr(7)));
    };
  }
  bool Get(uint64_t number) {
    v1::Poll poll;
    poll.set_token("abc");
    return table_.Get(number, poll, Note(number));
  }
  bool Send(uint64_t number) {
    v1::PollSend send;
    send.add_messages();
    return table_.Send(number, send, Note(number));
  }
  void Apply(uint64_t number, Answer::Result result) {
    Answer answer;
    answer.set_result(result);
    table_.Apply(number, answer);
  }
  std::vector<std::string> Heard() { return std::exchange(heard_, {}); }
  // What the broker is told: `7 poll`, `7 send`, `7 done`, `7 done written`.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const v1::EdgeFrame& frame : broker_.TakeFrames()) {
      const char* what = frame.has_poll()              ? " poll"
                         : frame.has_poll_send()       ? " send"
                         : frame.poll_done().written() ? " done written"
                                                       : " done";
      told.push_back(absl::StrCat(frame.socket(), what));
    }
    return told;
  }

  FakeClock clock_;
  FakeUpstream broker_;
  Limits limits_;
  Uplink uplink_{broker_, limits_, 1, clock_};
  Tally tally_;
  PollTable table_{uplink_, tally_};
  std::vector<std::string> heard_;
};

TEST_F(PollTableTest, AGetIsAnsweredAndItsEndIsTold) {
  EXPECT_TRUE(Get(7));
  Apply(7, Answer::RESULT_MESSAGES);
  Apply(7, Answer::RESULT_MESSAGES);  // Said twice, heard once.
  table_.End(7, true);
  table_.End(7, true);
  EXPECT_THAT(Heard(), ElementsAre("7 MESSAGES"));
  EXPECT_THAT(Told(), ElementsAre("7 poll", "7 done written"));
  EXPECT_EQ(table_.size(), 0);
  EXPECT_EQ(tally_.polls_open, 0);
}

TEST_F(PollTableTest, AnAnswerThatIsNotWrittenIsToldAsSuch) {
  Get(7);
  Apply(7, Answer::RESULT_MESSAGES);
  table_.End(7, false);
  EXPECT_THAT(Told(), ElementsAre("7 poll", "7 done"));
}

TEST_F(PollTableTest, AClientThatGoesHearsNothing) {
  Get(7);
  table_.End(7, false);
  Apply(7, Answer::RESULT_MESSAGES);
  EXPECT_THAT(Heard(), IsEmpty());
  EXPECT_THAT(Told(), ElementsAre("7 poll", "7 done"));
}

TEST_F(PollTableTest, OfAPostTheBrokerNeedsNoEnd) {
  EXPECT_TRUE(Send(7));
  Apply(7, Answer::RESULT_HANDLED);
  table_.End(7, true);
  EXPECT_THAT(Heard(), ElementsAre("7 HANDLED"));
  EXPECT_THAT(Told(), ElementsAre("7 send"));
}

TEST_F(PollTableTest, WithoutALinkRequestsAreUnavailable) {
  uplink_.Lost();
  EXPECT_FALSE(Get(7));
  EXPECT_FALSE(Send(8));
  EXPECT_THAT(Heard(), ElementsAre("7 UNAVAILABLE", "8 UNAVAILABLE"));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(tally_.polls_without_link, 2);
}

TEST_F(PollTableTest, ALostLinkAnswersWhoWaitsAndForgetsTheRest) {
  Get(7);
  Get(8);
  Apply(8, Answer::RESULT_MESSAGES);
  Told();
  Heard();
  table_.LinkLost();
  uplink_.Lost();
  uplink_.Up(2);
  table_.End(7, true);
  table_.End(8, true);
  EXPECT_THAT(Heard(), ElementsAre("7 UNAVAILABLE"));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(PollTableTest, AReleasedPollHasNothingAndGivesBackWhatCrossesIt) {
  Get(7);
  Send(8);
  EXPECT_THAT(table_.Waiting(), ElementsAre(7));
  EXPECT_TRUE(table_.Release(7));
  EXPECT_FALSE(table_.Release(7));
  EXPECT_FALSE(table_.Release(8));
  EXPECT_FALSE(table_.Release(9));
  Apply(7, Answer::RESULT_MESSAGES);
  table_.End(7, true);
  EXPECT_THAT(Heard(), ElementsAre("7 NOTHING"));
  EXPECT_THAT(Told(), ElementsAre("7 poll", "8 send", "7 done"));
}

}  // namespace
}  // namespace aerie::edge
