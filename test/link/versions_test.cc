// Edge and broker one minor version apart: what the older one said, recorded
// (record_link.cc), is played to today's other end.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "edge/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/link_version.h"
#include "test/link/client_talk.h"
#include "test/link/raw_edge.h"
#include "test/link/recorded_broker.h"
#include "test/link/recording.h"
#include "test/link/test_broker.h"

namespace aerie::testing {
namespace {

using ::testing::ElementsAreArray;

std::string PreviousMinor() {
  return absl::StrCat(v1::kLinkMajor, ".", v1::kLinkMinor - 1);
}

// What the broker of the recording said in return, and what today's says.
struct Answers {
  std::vector<std::string> recorded;
  std::vector<std::string> heard;
};

// Plays the edge's side of a link.
Answers Play(const std::vector<Said>& link, TestBroker& broker) {
  Answers answers;
  Words recorded;
  Words heard;
  RawEdge edge(broker);
  for (const Said& said : link) {
    if (said.edge.frames_size() > 0) {
      edge.Say({said.edge.frames().begin(), said.edge.frames().end()});
    }
    for (const v1::BrokerFrame& frame : said.broker.frames()) {
      if (frame.has_drain()) broker.Drain();
      const std::string words = recorded.Of(frame);
      if (words.empty()) continue;
      answers.recorded.push_back(words);
      std::string answer;
      while (answer.empty()) {
        const v1::BrokerFrame* next = edge.Next();
        answer = next == nullptr ? "end" : heard.Of(*next);
      }
      answers.heard.push_back(std::move(answer));
    }
  }
  edge.HalfClose();
  return answers;
}

TEST(VersionsTest, BrokerAnswersAnEdgeOfTheVersionBefore) {
  const Recording recording = ReadRecording(PreviousMinor());
  ASSERT_EQ(recording.version, PreviousMinor());
  ASSERT_EQ(recording.links.size(), 2u) << "the second one resumes";
  for (const std::vector<Said>& link : recording.links) {
    TestBroker broker;
    const Answers answers = Play(link, broker);
    EXPECT_THAT(answers.heard, ElementsAreArray(answers.recorded));
  }
}

TEST(VersionsTest, EdgeServesClientsOfABrokerOfTheVersionBefore) {
  const Recording recording = ReadRecording(PreviousMinor());
  const RecordedBroker broker(recording);
  edge::Options options;
  options.listener.address = "127.0.0.1:0";
  options.listener.threads = 1;
  options.admin_address = "127.0.0.1:0";
  options.broker = broker.address();
  auto edge = edge::Server::Start(options);
  ASSERT_TRUE(edge.ok()) << edge.status();
  while (!(*edge)->ready()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_THAT(Talk((*edge)->port(), [] {}), ElementsAreArray(recording.heard));
  edge->reset();
  EXPECT_THAT(broker.said(), ElementsAreArray(SaidByEdge(recording)));
}

}  // namespace
}  // namespace aerie::testing
