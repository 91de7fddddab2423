// The broker's end of a link, from an edge that speaks plain gRPC.

#include "broker/rpc/edge_link.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/link/frames.h"
#include "test/link/raw_edge.h"
#include "test/link/test_broker.h"

namespace aerie::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

// The status with which the broker ends a link after such a first message.
grpc::Status EndOf(const TestBroker& broker,
                   const std::vector<v1::EdgeFrame>& first) {
  RawEdge edge(broker);
  edge.Say(first);
  EXPECT_EQ(edge.Hear(), "end");
  return edge.Status();
}

TEST(EdgeLinkTest, HelloIsAnsweredByWelcome) {
  const TestBroker broker;
  RawEdge edge(broker);
  ASSERT_TRUE(edge.Say({Hello("edge-a", 1)}));
  EXPECT_EQ(edge.Hear(), "welcome");
  EXPECT_EQ(edge.last().welcome().major(), 1);
  EXPECT_EQ(edge.last().welcome().broker(), "broker-1");
  EXPECT_EQ(broker.metrics().links.Value(), 1);
}

TEST(EdgeLinkTest, AnotherMajorIsRefusedClearly) {
  const TestBroker broker;
  const grpc::Status status = EndOf(broker, {Hello("edge-a", 1, /*major=*/2)});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(),
              HasSubstr("speaks version 1.4 of EdgeLink, the edge 2.0"));
  EXPECT_EQ(broker.metrics().links_refused.Value(), 1);
}

TEST(EdgeLinkTest, AnythingButAHelloIsRefused) {
  const TestBroker broker;
  const std::vector<std::vector<v1::EdgeFrame>> firsts = {
      {},
      {Connect(1)},
      {Hello("edge-a", 1), Connect(1)},
      {Hello("", 1)},
      {Hello(std::string(129, 'x'), 1)},
      {Hello("edge-a", 0)},
  };
  for (const auto& first : firsts) {
    EXPECT_EQ(EndOf(broker, first).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST(EdgeLinkTest, ADrainingBrokerRefuses) {
  TestBroker broker;
  broker.Drain();
  EXPECT_EQ(EndOf(broker, {Hello("edge-a", 1)}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(EdgeLinkTest, AStaleEpochIsRefused) {
  const TestBroker broker;
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 5)});
  EXPECT_EQ(edge.Hear(), "welcome");
  EXPECT_EQ(EndOf(broker, {Hello("edge-a", 5)}).error_code(),
            grpc::StatusCode::ABORTED);
  EXPECT_EQ(EndOf(broker, {Hello("edge-a", 4)}).error_code(),
            grpc::StatusCode::ABORTED);
  edge.Say({Connect(1)});
  EXPECT_EQ(edge.Hear(), "1 opened") << "the link of epoch 5 is untouched";
}

TEST(EdgeLinkTest, ANewerEpochEndsTheOlderLinksChannels) {
  const TestBroker broker;
  RawEdge watcher(broker);
  watcher.Say({Hello("watcher", 1)});
  EXPECT_EQ(watcher.Hear(), "welcome");
  watcher.Say({Connect(1)});
  EXPECT_EQ(watcher.Hear(), "1 opened");
  watcher.Say({Event(1, "room:watch", "phx_join", 1)});
  EXPECT_EQ(watcher.Hear(), "1 join_reply room:watch ok");

  RawEdge older(broker);
  older.Say({Hello("edge-a", 1)});
  EXPECT_EQ(older.Hear(), "welcome");
  older.Say({Connect(1)});
  EXPECT_EQ(older.Hear(), "1 opened");
  older.Say({Event(1, "room:a", "phx_join", 1)});
  EXPECT_EQ(older.Hear(), "1 join_reply room:a ok");

  RawEdge newer(broker);
  newer.Say({Hello("edge-a", 2)});
  EXPECT_EQ(newer.Hear(), "welcome");
  EXPECT_EQ(older.Hear(), "end");
  EXPECT_EQ(older.Status().error_code(), grpc::StatusCode::ABORTED);
  EXPECT_THAT(watcher.Hear(), HasSubstr("edge_lost"));
}

TEST(EdgeLinkTest, AMalformedFrameEndsTheLink) {
  const TestBroker broker;
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 1)});
  EXPECT_EQ(edge.Hear(), "welcome");
  edge.Say({Hello("edge-a", 2)});
  EXPECT_EQ(edge.Hear(), "end");
  EXPECT_EQ(edge.Status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(EdgeLinkTest, ManyFramesTravelInOneMessage) {
  constexpr uint64_t kEvents = 500;
  const TestBroker broker;
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 1)});
  EXPECT_EQ(edge.Hear(), "welcome");
  edge.Say({Connect(1)});
  EXPECT_EQ(edge.Hear(), "1 opened");
  std::vector<v1::EdgeFrame> frames = {Event(1, "room:a", "phx_join", 1)};
  for (uint64_t ref = 2; ref < kEvents; ++ref) {
    frames.push_back(Event(1, "room:a", "echo", ref));
  }
  const int before = edge.batches();
  edge.Say(frames);
  EXPECT_EQ(edge.Hear(), "1 join_reply room:a ok");
  for (uint64_t ref = 2; ref < kEvents; ++ref) {
    EXPECT_EQ(edge.Hear(), absl::StrCat("1 reply room:a ", ref, " ok"));
  }
  EXPECT_LT(edge.batches() - before, kEvents / 2);
}

TEST(EdgeLinkTest, AHalfCloseEndsTheLinkInPeace) {
  const TestBroker broker;
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 1)});
  EXPECT_EQ(edge.Hear(), "welcome");
  edge.HalfClose();
  EXPECT_EQ(edge.Hear(), "end");
  EXPECT_TRUE(edge.Status().ok());
}

TEST(EdgeLinkTest, DrainIsToldAndNewSocketsAreRefused) {
  TestBroker broker;
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 1)});
  EXPECT_EQ(edge.Hear(), "welcome");
  broker.Drain();
  EXPECT_EQ(edge.Hear(), "drain");
  edge.Say({Connect(1)});
  EXPECT_EQ(edge.Hear(), "1 refused 503");
  edge.HalfClose();
  EXPECT_EQ(edge.Hear(), "end");
}

TEST(EdgeLinkTest, AnEdgeThatDoesNotReadLosesItsLink) {
  broker::Limits limits;
  limits.link_outbox_bytes_max = 1 << 20;
  const TestBroker broker(limits);
  RawEdge edge(broker);
  edge.Say({Hello("edge-a", 1)});
  EXPECT_EQ(edge.Hear(), "welcome");
  edge.Say({Connect(1)});
  EXPECT_EQ(edge.Hear(), "1 opened");
  edge.Say({Event(1, "room:a", "phx_join", 1)});
  const std::string payload =
      absl::StrCat("{\"x\":\"", std::string(1 << 20, 'x'), "\"}");
  // Ends by the broker's doing: the window of HTTP/2 lets some of it through.
  for (uint64_t ref = 2; edge.Say({Event(1, "room:a", "echo", ref, payload)});
       ++ref) {
    ASSERT_LT(ref, 1'000);
  }
  while (edge.Hear() != "end") {
  }
  // Cancelled, if the status could not get past what was not read.
  EXPECT_THAT(
      edge.Status().error_code(),
      AnyOf(grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::CANCELLED));
  EXPECT_EQ(broker.metrics().link_overflows.Value(), 1);
}

}  // namespace
}  // namespace aerie::testing
