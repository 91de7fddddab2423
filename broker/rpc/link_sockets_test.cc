#include "broker/rpc/link_sockets.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/channel/testing/fake_edge.h"
#include "broker/channel/testing/fake_host.h"
#include "broker/topic/router.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Notes the questions; the test answers when it likes.
class FakeRule final : public ConnectRule {
 public:
  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    if (at_once_) return answer(Admission{request.mount(), "", grant_});
    waiting_.push_back(std::move(answer));
  }
  void AnswerAtOnce() { at_once_ = true; }
  void UseGrant(GrantPtr grant) { grant_ = std::move(grant); }
  void Answer(size_t index, ConnectVerdict verdict) {
    waiting_[index](std::move(verdict));
  }

 private:
  bool at_once_ = false;
  GrantPtr grant_;
  std::vector<absl::AnyInvocable<void(ConnectVerdict)>> waiting_;
};

std::shared_ptr<const Router> RouterOf(std::shared_ptr<Host> host) {
  auto router = std::make_shared<Router>();
  EXPECT_TRUE(router->Add({"room:*", std::move(host), {}}).ok());
  return router;
}

class LinkSocketsTest : public ::testing::Test {
 protected:
  LinkSocketsTest() {
    host_->AnswerAtOnce();
    sockets_.Start(edge_, [](LinkSockets::Turn turn) { turn(); });
  }

  static v1::EdgeFrame Connect(uint64_t number, const char* mount = "/socket",
                               v1::Dialect dialect = v1::DIALECT_V2) {
    v1::EdgeFrame frame;
    frame.set_socket(number);
    frame.mutable_connect()->set_mount(mount);
    frame.mutable_connect()->set_dialect(dialect);
    return frame;
  }
  static v1::EdgeFrame Resume(uint64_t number, const std::string& blob) {
    v1::EdgeFrame frame;
    frame.set_socket(number);
    frame.mutable_resume()->set_blob(blob);
    return frame;
  }
  static v1::EdgeFrame Event(uint64_t number, const char* event,
                             const char* ref) {
    v1::EdgeFrame frame;
    frame.set_socket(number);
    v1::Message& message = *frame.mutable_message();
    message.set_topic("room:1");
    message.set_event(event);
    message.set_ref(absl::StrCat("\"", ref, "\""));
    message.set_json("{}");
    return frame;
  }
  static v1::EdgeFrame Gone(uint64_t number) {
    v1::EdgeFrame frame;
    frame.set_socket(number);
    frame.mutable_gone();
    return frame;
  }

  absl::Status In(std::vector<v1::EdgeFrame> frames) {
    v1::EdgeBatch batch;
    for (v1::EdgeFrame& frame : frames) *batch.add_frames() = std::move(frame);
    absl::Status status = sockets_.In(batch);
    shards_.RunUntilIdle();
    return status;
  }
  // A socket that the rule has let in; its blob.
  std::string Open(uint64_t number, const char* id = "") {
    rule_.AnswerAtOnce();
    EXPECT_TRUE(In({Connect(number, id)}).ok());
    std::string blob = edge_->frames().back().opened().resume_blob();
    edge_->Take();
    return blob;
  }
  std::vector<std::string> Heard() { return edge_->Take(); }

  FakeClock clock_;
  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  Shards shards_{1, RouterOf(host_), limits_, clock_, metrics_};
  FakeRule rule_;
  ResumeBlobs blobs_{{std::string(ResumeBlobs::kKeyBytes, 'k')},
                     absl::Hours(1),
                     limits_.resume_blob_bytes_max};
  std::shared_ptr<FakeEdge> edge_ = std::make_shared<FakeEdge>();
  PollTokens tokens_{{std::string(ResumeBlobs::kKeyBytes, 'k')}, "broker"};
  LongPolls polls_{{shards_, rule_, tokens_, limits_, metrics_, clock_},
                   "broker"};
  LinkSockets sockets_{
      {shards_, rule_, blobs_, polls_, limits_, metrics_, clock_}};
};

TEST_F(LinkSocketsTest, AConnectIsAnsweredWhenTheRuleHasDecided) {
  ASSERT_TRUE(In({Connect(1), Connect(2)}).ok());
  EXPECT_THAT(edge_->frames(), IsEmpty());
  rule_.Answer(1, Denial{401, "who?"});
  rule_.Answer(0, Admission{"users:42", R"({"a":1})"});
  ASSERT_EQ(edge_->frames().size(), 2);
  EXPECT_EQ(edge_->frames()[0].socket(), 2);
  EXPECT_EQ(edge_->frames()[0].refused().status(), 401);
  EXPECT_EQ(edge_->frames()[0].refused().body(), "who?");
  EXPECT_EQ(edge_->frames()[1].socket(), 1);
  EXPECT_EQ(edge_->frames()[1].opened().socket_id(), "users:42");
  EXPECT_EQ(sockets_.size(), 1);
  EXPECT_EQ(metrics_.sockets.Value(), 1);
}

TEST_F(LinkSocketsTest, TheAnswerForAClientThatLeftIsDropped) {
  ASSERT_TRUE(In({Connect(1), Gone(1)}).ok());
  rule_.Answer(0, Admission{});
  EXPECT_THAT(edge_->frames(), IsEmpty());
  EXPECT_EQ(sockets_.size(), 0);
}

TEST_F(LinkSocketsTest, TheAnswerForALinkThatEndedIsDropped) {
  ASSERT_TRUE(In({Connect(1)}).ok());
  sockets_.End();
  shards_.RunUntilIdle();
  EXPECT_EQ(edge_.use_count(), 1);
  rule_.Answer(0, Admission{});
  EXPECT_THAT(edge_->frames(), IsEmpty());
}

TEST_F(LinkSocketsTest, ASocketWhoseBlobIsTooLargeIsRefused) {
  ASSERT_TRUE(In({Connect(1)}).ok());
  rule_.Answer(0, Admission{"", std::string(5'000, ' ')});
  EXPECT_EQ(edge_->frames()[0].refused().status(), 500);
  EXPECT_EQ(sockets_.size(), 0);
}

TEST_F(LinkSocketsTest, WhileDrainingNewSocketsAreRefused) {
  sockets_.Drain();
  ASSERT_TRUE(In({Connect(1)}).ok());
  EXPECT_EQ(edge_->frames()[0].refused().status(), 503);
}

TEST_F(LinkSocketsTest, MessagesReachTheShardsInOrder) {
  Open(1);
  ASSERT_TRUE(
      In({Event(1, "phx_join", "1"), Event(1, "a", "2"), Event(1, "b", "3")})
          .ok());
  EXPECT_THAT(host_->Take(), ElementsAre("join 1 room:1 {}", R"(in 1 a "2" {})",
                                         R"(in 1 b "3" {})"));
}

TEST_F(LinkSocketsTest, ASocketsEndFollowsItsMessages) {
  Open(1);
  ASSERT_TRUE(
      In({Event(1, "phx_join", "1"), Event(1, "a", "2"), Gone(1)}).ok());
  EXPECT_THAT(host_->Take(), ElementsAre("join 1 room:1 {}", R"(in 1 a "2" {})",
                                         "terminate 1 closed"));
  EXPECT_EQ(metrics_.sockets.Value(), 0);
}

TEST_F(LinkSocketsTest, ALostLinkEndsTheChannelsOfAllItsSockets) {
  Open(1);
  Open(2);
  ASSERT_TRUE(In({Event(1, "phx_join", "1"), Event(2, "phx_join", "1")}).ok());
  host_->Take();
  sockets_.End();
  shards_.RunUntilIdle();
  EXPECT_THAT(host_->Take(),
              ::testing::UnorderedElementsAre("terminate 1 edge_lost",
                                              "terminate 2 edge_lost"));
  EXPECT_EQ(metrics_.sockets.Value(), 0);
}

TEST_F(LinkSocketsTest, ABlobBringsASocketBackWithoutTheRule) {
  const std::string blob = Open(1, "users:42");
  ASSERT_TRUE(In({Gone(1), Resume(7, blob), Event(7, "phx_join", "1")}).ok());
  EXPECT_THAT(host_->Take(), ElementsAre("join 1 room:1 {}"));
  Heard();
  shards_.Disconnect("users:42");
  shards_.RunUntilIdle();
  EXPECT_THAT(Heard(), ElementsAre("7 close 1001"));
  EXPECT_EQ(metrics_.resumes.Value(), 1);
}

TEST_F(LinkSocketsTest, WhatTheRuleGrantsHoldsAfterAResumeToo) {
  rule_.UseGrant(std::make_shared<const Grant>(
      Grant{.topics = {"room:2"}, .prefixes = {}}));
  const std::string blob = Open(1);
  ASSERT_TRUE(In({Event(1, "phx_join", "1"), Gone(1), Resume(2, blob),
                  Event(2, "phx_join", "2")})
                  .ok());
  EXPECT_THAT(
      Heard(),
      ElementsAre(
          R"(1 room:1 join_reply -/1 error {"reason":"unauthorized"})",
          R"(2 room:1 join_reply -/2 error {"reason":"unauthorized"})"));
}

TEST_F(LinkSocketsTest, ABadOrExpiredBlobRestartsTheClient) {
  const std::string blob = Open(1);
  ASSERT_TRUE(In({Resume(7, "nonsense"), Event(7, "phx_join", "1")}).ok());
  EXPECT_THAT(Heard(), ElementsAre("7 close 1012"));
  clock_.AdvanceMs(3'600'000);
  ASSERT_TRUE(In({Resume(8, blob)}).ok());
  EXPECT_THAT(Heard(), ElementsAre("8 close 1012"));
  EXPECT_THAT(host_->Take(), IsEmpty());
  EXPECT_EQ(metrics_.resumes_refused.Value(), 2);
}

TEST_F(LinkSocketsTest, AStrangerIsToldOnceToStartAnew) {
  ASSERT_TRUE(In({Event(5, "a", "1"), Event(5, "b", "2")}).ok());
  EXPECT_THAT(Heard(), ElementsAre("5 close 1012"));
  EXPECT_EQ(metrics_.strangers_messages.Value(), 2);
  ASSERT_TRUE(In({Gone(5)}).ok());
}

TEST_F(LinkSocketsTest, WhatNoEdgeWouldSayIsMalformed) {
  Open(1);
  EXPECT_EQ(In({Connect(1)}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(In({Resume(1, "")}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(In({Connect(0)}).code(), absl::StatusCode::kInvalidArgument);
  v1::EdgeFrame hello;
  hello.mutable_hello();
  EXPECT_EQ(In({hello}).code(), absl::StatusCode::kInvalidArgument);
  v1::EdgeFrame reply = Event(1, "a", "1");
  reply.mutable_message()->set_kind(v1::Message::KIND_REPLY);
  EXPECT_EQ(In({reply}).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(LinkSocketsTest, ACanaryComesBackAsABroadcastThroughEveryShard) {
  v1::EdgeBatch batch;
  batch.add_frames()->mutable_canary();
  ASSERT_TRUE(sockets_.In(batch).ok());
  EXPECT_THAT(edge_->frames(), IsEmpty()) << "no shard has taken a turn";
  EXPECT_EQ(sockets_.In(batch).code(), absl::StatusCode::kInvalidArgument)
      << "one at a time";
  shards_.RunUntilIdle();
  ASSERT_EQ(edge_->frames().size(), 1);
  EXPECT_EQ(edge_->frames()[0].socket(), 0);
  EXPECT_EQ(edge_->frames()[0].fanout().message().topic(), "aerie:canary");
  EXPECT_EQ(metrics_.canaries.Value(), 1);
  EXPECT_TRUE(sockets_.In(batch).ok());
}

TEST_F(LinkSocketsTest, ACanaryOfALinkThatEndedIsDropped) {
  v1::EdgeBatch batch;
  batch.add_frames()->mutable_canary();
  ASSERT_TRUE(sockets_.In(batch).ok());
  sockets_.End();
  shards_.RunUntilIdle();
  EXPECT_THAT(edge_->frames(), IsEmpty());
}

TEST_F(LinkSocketsTest, WhatALaterVersionAddsIsIgnored) {
  EXPECT_TRUE(In({v1::EdgeFrame()}).ok());
}

TEST_F(LinkSocketsTest, TheDialectDecidesThePolicy) {
  rule_.AnswerAtOnce();
  ASSERT_TRUE(In({Connect(1, "/", v1::DIALECT_FOUNDING)}).ok());
  const auto fields =
      blobs_.Open(edge_->frames()[0].opened().resume_blob(), clock_.Now());
  EXPECT_EQ(fields->policy, (Policy{false, 0, true}));
}

}  // namespace
}  // namespace aerie::broker
