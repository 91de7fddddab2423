// The broker's end of a host's stream, from a host that speaks plain gRPC.

#include "broker/rpc/host_link.h"

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/hosts/attached/testing/host_frames.h"
#include "common/rpc/setup.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "test/link/frames.h"
#include "test/link/raw_edge.h"
#include "test/link/test_broker.h"

namespace aerie::testing {
namespace {

using broker::Done;
using broker::DrainFor;
using broker::JoinOk;
using broker::Leaves;
using broker::PushTo;
using broker::Registration;
using broker::ReplyTo;
using broker::Terminates;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A host without an SDK: says frames, and waits for those it hears.
class RawHost {
 public:
  explicit RawHost(const TestBroker& broker)
      : stub_(v1::ChannelHost::NewStub(grpc::CreateCustomChannel(
            broker.address(), grpc::InsecureChannelCredentials(),
            rpc::ClientArguments()))),
        stream_(stub_->Attach(&context_)) {}
  // Attached.
  RawHost(const TestBroker& broker, const v1::HostFrame& registration)
      : RawHost(broker) {
    Say({registration});
    EXPECT_THAT(Hear(), StartsWith("attached "));
  }

  // False when the stream is over.
  bool Say(const std::vector<v1::HostFrame>& frames) {
    v1::AttachRequest batch;
    for (const v1::HostFrame& frame : frames) *batch.add_frames() = frame;
    return stream_->Write(batch);
  }

  // The next frame; `end` when there is none.
  std::string Hear() {
    while (frames_.empty()) {
      v1::AttachResponse batch;
      if (!stream_->Read(&batch)) return "end";
      for (v1::ChannelFrame& frame : *batch.mutable_frames()) {
        frames_.push_back(std::move(frame));
      }
    }
    last_ = std::move(frames_.front());
    frames_.pop_front();
    return broker::Line(last_);
  }

  void HalfClose() { stream_->WritesDone(); }
  // The connection breaks, as when the host is killed.
  void Kill() { context_.TryCancel(); }
  // After the end.
  grpc::Status Status() { return stream_->Finish(); }

  // What Hear has told of, and whom it was about.
  const v1::ChannelFrame& last() const { return last_; }
  uint64_t channel() const { return last_.channel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::ChannelHost::Stub> stub_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::AttachRequest, v1::AttachResponse>>
      stream_;
  std::deque<v1::ChannelFrame> frames_;
  v1::ChannelFrame last_;
};

// The status with which the broker ends a stream after such a first message.
grpc::Status EndOf(const TestBroker& broker,
                   const std::vector<v1::HostFrame>& first) {
  RawHost host(broker);
  host.Say(first);
  EXPECT_EQ(host.Hear(), "end");
  return host.Status();
}

// An edge with one open socket.
class Client {
 public:
  explicit Client(const TestBroker& broker, const std::string& name = "edge-a")
      : edge_(broker) {
    edge_.Say({Hello(name, 1)});
    EXPECT_EQ(edge_.Hear(), "welcome");
    edge_.Say({aerie::testing::Connect(1)});
    EXPECT_EQ(edge_.Hear(), "1 opened");
  }

  void Say(const std::string& topic, const std::string& event, uint64_t ref) {
    edge_.Say({Event(1, topic, event, ref)});
  }
  std::string Hear() { return edge_.Hear(); }
  // Joins, and has the host accept. The channel.
  uint64_t Join(RawHost& host, const std::string& topic) {
    Say(topic, "phx_join", 1);
    EXPECT_THAT(host.Hear(), StartsWith("join "));
    const uint64_t channel = host.channel();
    host.Say({JoinOk(channel)});
    EXPECT_EQ(Hear(), absl::StrCat("1 join_reply ", topic, " ok"));
    return channel;
  }
  RawEdge& edge() { return edge_; }

 private:
  RawEdge edge_;
};

TEST(HostLinkTest, RegistrationIsAnsweredByAttached) {
  const TestBroker broker;
  RawHost host(broker, Registration("h1", {"far:*"}, 7));
  const v1::ChannelFrame::Attached& attached = host.last().attached();
  EXPECT_EQ(attached.major(), 1u);
  EXPECT_EQ(attached.broker(), "broker-1");
  EXPECT_EQ(attached.capacity(), 7u);
  EXPECT_EQ(attached.join_deadline_ms(), 9'000u);
  EXPECT_EQ(attached.payload_bytes_max(), 10'000'000u);
  EXPECT_EQ(broker.metrics().hosts.Value(), 1);
}

TEST(HostLinkTest, AnotherMajorIsRefusedClearly) {
  const TestBroker broker;
  v1::HostFrame registration = Registration("h1", {"far:*"});
  registration.mutable_registration()->set_major(2);
  const grpc::Status status = EndOf(broker, {registration});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("speaks version 1.0"));
}

TEST(HostLinkTest, AnythingButARegistrationIsRefused) {
  const TestBroker broker;
  const std::vector<std::vector<v1::HostFrame>> firsts = {
      {},
      {Done(1)},
      {Registration("h1", {"far:*"}), Done(1)},
      {Registration("", {"far:*"})},
      {Registration("h1", {"far:*:more"})},
  };
  for (const auto& first : firsts) {
    EXPECT_EQ(EndOf(broker, first).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST(HostLinkTest, ADrainingBrokerRefuses) {
  TestBroker broker;
  RawHost host(broker, Registration("h1", {"far:*"}));
  broker.Drain();
  EXPECT_EQ(host.Hear(), "draining");
  EXPECT_EQ(EndOf(broker, {Registration("h2", {"far:*"})}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(HostLinkTest, AChannelTalksOverTheStream) {
  const TestBroker broker;
  RawHost host(broker, Registration("h1", {"far:*"}));
  Client client(broker);
  const uint64_t channel = client.Join(host, "far:a");
  client.Say("far:a", "said", 2);
  EXPECT_EQ(host.Hear(), absl::StrCat("in ", channel, " said 2 {}"));
  host.Say({PushTo(channel, "pushed"), ReplyTo(channel, "2"), Done(1)});
  EXPECT_THAT(client.Hear(), StartsWith("1 push far:a pushed"));
  EXPECT_EQ(client.Hear(), "1 reply far:a 2 ok");
  client.Say("far:a", "phx_leave", 3);
  EXPECT_EQ(host.Hear(), absl::StrCat("terminate ", channel, " left far:a {}"));
  host.Say({Leaves(channel), Terminates(channel)});
  EXPECT_THAT(client.Hear(), StartsWith("1 leave_reply far:a"));
}

TEST(HostLinkTest, AFrameThatBreaksTheContractEndsTheStreamAndSaysWhy) {
  const TestBroker broker;
  const auto end_after = [&broker](const v1::HostFrame& frame) {
    RawHost host(broker, Registration("h1", {"far:*"}));
    host.Say({frame});
    EXPECT_EQ(host.Hear(), "end");
    const grpc::Status status = host.Status();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  EXPECT_THAT(end_after(PushTo(1, "phx_close")), HasSubstr("reserved"));
  EXPECT_THAT(end_after(PushTo(1, "a", "{\"x\":")), HasSubstr("payload"));
  EXPECT_THAT(end_after(Registration("h1", {"far:*"})),
              HasSubstr("a second Registration"));
  EXPECT_THAT(end_after(Done(1)), HasSubstr("more answers"));
  EXPECT_THAT(end_after(PushTo(uint64_t{9} << 48, "a")),
              HasSubstr("has never been"));
}

TEST(HostLinkTest, AKilledHostsChannelsCrashAndItsTerminatesGoElsewhere) {
  const TestBroker broker;
  RawHost first(broker, Registration("h1", {"far:*"}));
  Client client(broker);
  const uint64_t channel = client.Join(first, "far:a");
  client.Say("far:a", "said", 2);
  EXPECT_THAT(first.Hear(), StartsWith("in "));
  RawHost second(broker, Registration("h2", {"far:*"}));
  first.Kill();
  EXPECT_THAT(client.Hear(), StartsWith("1 exit far:a"));
  EXPECT_EQ(second.Hear(), absl::StrCat("terminate ", channel,
                                        " host_lost far:a {} redelivered"));
  second.Say({Terminates(channel)});
  client.Join(second, "far:a");
}

TEST(HostLinkTest, WhetherAHostHasClosedItsStreamOrIsLostIsCounted) {
  const TestBroker broker;
  const auto ends = [&broker](broker::HostEnd cause) {
    return broker.metrics().host_ends[static_cast<int>(cause)]->Value();
  };
  RawHost closed(broker, Registration("h1", {"far:*"}));
  closed.HalfClose();
  EXPECT_EQ(closed.Hear(), "end");
  EXPECT_TRUE(closed.Status().ok());
  RawHost killed(broker, Registration("h2", {"far:*"}));
  killed.Kill();
  EXPECT_EQ(killed.Hear(), "end");
  // Counted when nothing is left of the call, which its host does not see.
  while (ends(broker::HostEnd::kClosed) + ends(broker::HostEnd::kLost) < 2) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ends(broker::HostEnd::kClosed), 1);
  EXPECT_EQ(ends(broker::HostEnd::kLost), 1);
}

TEST(HostLinkTest, AKilledEdgesChannelsAreTerminatedAtTheHost) {
  const TestBroker broker;
  RawHost host(broker, Registration("h1", {"far:*"}));
  auto client = std::make_unique<Client>(broker);
  const uint64_t a = client->Join(host, "far:a");
  client->edge().Kill();
  EXPECT_EQ(host.Hear(), absl::StrCat("terminate ", a, " edge_lost far:a {}"));
  EXPECT_EQ(host.last().terminate().socket().key(), "edge-a/1");
  client = nullptr;
}

TEST(HostLinkTest, ATerminateThatTheHostHasNotAcknowledgedComesAgain) {
  const TestBroker broker;
  RawHost first(broker, Registration("h1", {"far:*"}));
  auto client = std::make_unique<Client>(broker);
  client->Join(first, "far:a");
  client->edge().Kill();
  EXPECT_THAT(first.Hear(), HasSubstr("edge_lost"));
  const std::string event = first.last().terminate().event_id();
  first.Kill();
  // Whoever comes next, also after a while without any host.
  while (broker.metrics().hosts.Value() > 0) std::this_thread::yield();
  RawHost second(broker, Registration("h2", {"far:*"}));
  EXPECT_THAT(second.Hear(), HasSubstr("edge_lost far:a {} redelivered"));
  EXPECT_EQ(second.last().terminate().event_id(), event);
}

TEST(HostLinkTest, AHostThatHangsIsEnded) {
  broker::Limits limits;
  limits.host_hang_ms = 100;
  const TestBroker broker(limits);
  RawHost host(broker, Registration("h1", {"far:*"}));
  Client client(broker);
  client.Join(host, "far:a");
  client.Say("far:a", "said", 2);
  EXPECT_THAT(host.Hear(), StartsWith("in "));
  EXPECT_EQ(host.Hear(), "end");
  EXPECT_EQ(host.Status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(client.Hear(), StartsWith("1 exit far:a"));
}

TEST(HostLinkTest, AHostThatDoesNotReadIsEnded) {
  broker::Limits limits;
  limits.host_outbox_bytes_max = 1 << 20;
  const TestBroker broker(limits);
  RawHost host(broker, Registration("h1", {"far:*"}));
  Client client(broker);
  client.Join(host, "far:a");
  const std::string payload =
      absl::StrCat("{\"x\":\"", std::string(100'000, 'x'), "\"}");
  for (uint64_t ref = 2; broker.metrics().host_overflows.Value() == 0; ++ref) {
    client.edge().Say({Event(1, "far:a", "said", ref, payload)});
  }
  while (host.Hear() != "end") {
  }
  EXPECT_EQ(host.Status().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(HostLinkTest, AHostThatDrainsIsToldWhenItMayGo) {
  const TestBroker broker;
  RawHost host(broker, Registration("h1", {"far:*"}));
  Client client(broker);
  const uint64_t channel = client.Join(host, "far:a");
  host.Say({DrainFor(0)});
  EXPECT_THAT(client.Hear(), StartsWith("1 exit far:a"));
  std::vector<std::string> heard = {host.Hear(), host.Hear()};
  EXPECT_THAT(heard, ::testing::UnorderedElementsAre(
                         "draining", absl::StrCat("terminate ", channel,
                                                  " draining far:a {}")));
  host.Say({Terminates(channel)});
  EXPECT_EQ(host.Hear(), "drained");
  host.HalfClose();
  EXPECT_EQ(host.Hear(), "end");
  EXPECT_TRUE(host.Status().ok());
  client.Say("far:a", "phx_join", 2);
  EXPECT_THAT(client.Hear(), StartsWith("1 unavailable far:a"));
}

TEST(HostLinkTest, ANewerStreamOfTheSameProcessReplacesTheOlder) {
  const TestBroker broker;
  RawHost older(broker, Registration("h1", {"far:*"}));
  RawHost newer(broker, Registration("h1", {"far:*"}));
  EXPECT_EQ(older.Hear(), "end");
  EXPECT_EQ(older.Status().error_code(), grpc::StatusCode::ABORTED);
  Client client(broker);
  client.Join(newer, "far:a");
}

}  // namespace
}  // namespace aerie::testing
