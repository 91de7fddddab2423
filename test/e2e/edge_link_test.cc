// What a broker makes of links that no healthy edge would open: another
// version, an older epoch, a second link of the same edge.

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/link_version.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

// An edge by hand.
class Link {
 public:
  explicit Link(uint16_t port)
      : stub_(v1::EdgeLink::NewStub(
            grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                grpc::InsecureChannelCredentials()))) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->Link(&context_);
  }
  ~Link() {
    context_.TryCancel();
    End();
  }

  void Say(const v1::EdgeFrame& frame) {
    v1::EdgeBatch batch;
    *batch.add_frames() = frame;
    stream_->Write(batch);
  }

  void Hello(uint64_t epoch, uint32_t major = v1::kLinkMajor) {
    v1::EdgeFrame frame;
    frame.mutable_hello()->set_major(major);
    frame.mutable_hello()->set_minor(v1::kLinkMinor);
    frame.mutable_hello()->set_edge("by-hand");
    frame.mutable_hello()->set_epoch(epoch);
    Say(frame);
  }

  // The next frame of the kind, or an empty one at the end of the stream.
  v1::BrokerFrame Await(v1::BrokerFrame::FrameCase kind) {
    for (;;) {
      while (next_ < batch_.frames_size()) {
        const v1::BrokerFrame& frame = batch_.frames(next_++);
        if (frame.frame_case() == kind) return frame;
      }
      next_ = 0;
      if (!stream_->Read(&batch_)) {
        batch_.Clear();
        return {};
      }
    }
  }
  bool AwaitWelcome() { return Await(v1::BrokerFrame::kWelcome).has_welcome(); }

  // Opens socket 1 and joins a topic.
  void Join(const std::string& topic) {
    v1::EdgeFrame frame;
    frame.set_socket(1);
    frame.mutable_connect()->set_mount("/socket");
    frame.mutable_connect()->set_dialect(v1::DIALECT_V2);
    frame.mutable_connect()->set_transport(v1::TRANSPORT_WEBSOCKET);
    Say(frame);
    ASSERT_TRUE(Await(v1::BrokerFrame::kOpened).has_opened());
    v1::Message* join = frame.mutable_message();
    join->set_topic(topic);
    join->set_event("phx_join");
    join->set_json("{}");
    join->set_ref("\"1\"");
    join->set_join_ref("\"1\"");
    Say(frame);
    EXPECT_EQ(Await(v1::BrokerFrame::kMessage).message().status(), "ok");
  }

  // The status that the broker ends the stream with.
  grpc::Status End() {
    if (stream_ == nullptr) return {};
    while (stream_->Read(&batch_)) {
    }
    grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    return status;
  }

 private:
  const std::unique_ptr<v1::EdgeLink::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::EdgeBatch, v1::BrokerBatch>>
      stream_;
  v1::BrokerBatch batch_;
  int next_ = 0;
};

TEST(EdgeLinkTest, AnUnknownMajorVersionIsRefused) {
  World world;
  Link link(world.broker().port());
  link.Hello(1, v1::kLinkMajor + 1);
  const grpc::Status status = link.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(status.error_message(), "");
}

TEST(EdgeLinkTest, AFirstFrameThatIsNoHelloIsRefused) {
  World world;
  Link link(world.broker().port());
  v1::EdgeFrame frame;
  frame.set_socket(1);
  frame.mutable_gone();
  link.Say(frame);
  EXPECT_EQ(link.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(EdgeLinkTest, ABrokenLinkEndsTheChannelsOfItsSockets) {
  World world;
  Conversation watch(world.port());
  watch.Join("room:watch");
  {
    Link link(world.broker().port());
    link.Hello(1);
    ASSERT_TRUE(link.AwaitWelcome());
    link.Join("room:a");
  }
  watch.Expect({"1",
                nullptr,
                "room:watch",
                "terminated",
                {{"topic", "room:a"}, {"reason", "edge_lost"}}});
}

TEST(EdgeLinkTest, ANewerEpochEndsTheOlderLinksChannelsBeforeItsWelcome) {
  World world;
  Conversation watch(world.port());
  watch.Join("room:watch");
  // Half open: it says nothing more, and nobody has noticed.
  Link older(world.broker().port());
  older.Hello(1);
  ASSERT_TRUE(older.AwaitWelcome());
  older.Join("room:older");

  Link newer(world.broker().port());
  newer.Hello(2);
  EXPECT_TRUE(newer.AwaitWelcome());
  EXPECT_EQ(older.End().error_code(), grpc::StatusCode::ABORTED);
  watch.Expect({"1",
                nullptr,
                "room:watch",
                "terminated",
                {{"topic", "room:older"}, {"reason", "edge_lost"}}});
  newer.Join("room:newer");
  watch.Echo("room:watch");
}

TEST(EdgeLinkTest, AnOlderEpochIsRefused) {
  World world;
  Link newer(world.broker().port());
  newer.Hello(2);
  ASSERT_TRUE(newer.AwaitWelcome());
  Link older(world.broker().port());
  older.Hello(1);
  EXPECT_EQ(older.End().error_code(), grpc::StatusCode::ABORTED);
  newer.Join("room:a");
}

TEST(EdgeLinkTest, ADrainingBrokerTakesNoLinks) {
  World world;
  world.DrainBroker();
  Link link(world.broker().port());
  link.Hello(1);
  EXPECT_EQ(link.End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace aerie::testing
