// What services do through Control, as their clients' clients meet it.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/e2e/control_fixture.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using grpc::StatusCode;
using ::testing::AnyOf;
using ::testing::ElementsAre;

using Stub = v1::Control::Stub;

const Json kNone = Json::object();

TEST_F(ControlTest, ABroadcastReachesTheTopicOnce) {
  const auto one = Client("users:1");
  const auto two = Client("users:2");
  one->Join("room:a");
  two->Join("room:a");
  v1::BroadcastRequest request = BroadcastOf("room:a", "tick", R"({"n":1})");
  request.set_idempotency_key("once");
  v1::BroadcastResponse response;
  ASSERT_TRUE(Broadcast(request, &response).ok());
  EXPECT_EQ(response.edges(), 1u);
  EXPECT_FALSE(response.duplicate());
  one->Expect({nullptr, nullptr, "room:a", "tick", {{"n", 1}}});
  two->Expect({nullptr, nullptr, "room:a", "tick", {{"n", 1}}});
  // The key is known; on another topic it is not.
  ASSERT_TRUE(Broadcast(request, &response).ok());
  EXPECT_TRUE(response.duplicate());
  EXPECT_EQ(response.edges(), 0u);
  request.set_topic("room:b");
  ASSERT_TRUE(Broadcast(request, &response).ok());
  EXPECT_FALSE(response.duplicate());
  one->Echo("room:a");
}

TEST_F(ControlTest, ABroadcastSparesSocketIdsAndKeepsBytes) {
  const auto one = Client("users:1");
  const auto two = Client("users:2");
  one->Join("room:a");
  two->Join("room:a");
  v1::BroadcastRequest request = BroadcastOf("room:a", "tick", "{}");
  request.add_except_socket_ids("users:1");
  request.add_except_socket_ids("users:9");
  v1::BroadcastResponse response;
  ASSERT_TRUE(Broadcast(request, &response).ok());
  two->Expect({nullptr, nullptr, "room:a", "tick", kNone});
  one->Echo("room:a");
}

TEST_F(ControlTest, AnInterceptedBroadcastGoesThroughTheChannel) {
  const auto client = Client("users:1");
  client->Join("room:a");
  v1::BroadcastResponse response;
  ASSERT_TRUE(
      Broadcast(BroadcastOf("room:a", "rewrite", R"({"n":2})"), &response)
          .ok());
  client->Expect({"1", nullptr, "room:a", "rewritten", {{"n", 2}}});
}

TEST_F(ControlTest, ABatchHasAStatusForEach) {
  const auto client = Client("users:1");
  client->Join("room:a");
  v1::BroadcastBatchRequest batch;
  *batch.add_broadcasts() = BroadcastOf("room:a", "first", "{}");
  *batch.add_broadcasts() = BroadcastOf("room:a", "phx_close", "{}");
  *batch.add_broadcasts() = BroadcastOf("room:nobody", "tick", "{}");
  *batch.add_broadcasts() = BroadcastOf("room:a", "second", "{}");
  v1::BroadcastBatchResponse response;
  ASSERT_TRUE(control_.Call(&Stub::BroadcastBatch, batch, &response).ok());
  ASSERT_EQ(response.results_size(), 4);
  EXPECT_EQ(response.results(0).status().code(), 0);
  EXPECT_EQ(response.results(0).edges(), 1u);
  EXPECT_EQ(response.results(1).status().code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(response.results(2).status().code(), 0);
  EXPECT_EQ(response.results(2).edges(), 0u);
  EXPECT_EQ(response.results(3).status().code(), 0);
  client->Expect({nullptr, nullptr, "room:a", "first", kNone});
  client->Expect({nullptr, nullptr, "room:a", "second", kNone});
}

TEST_F(ControlTest, AStreamIsAcknowledgedInOrderWithItsFailures) {
  const auto client = Client("users:1");
  client->Join("room:a");
  const auto context = control_.Context();
  const auto stream = control_.stub().BroadcastStream(context.get());
  constexpr int kCount = 100;
  v1::BroadcastStreamRequest request;
  for (int i = 1; i <= kCount; ++i) {
    request.Clear();
    request.set_first_sequence(i);
    *request.add_broadcasts() =
        BroadcastOf("room:a", i == 50 ? "phx_error" : "tick",
                    absl::StrCat("{\"n\":", i, "}"));
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  uint64_t acknowledged = 0;
  std::vector<uint64_t> failed;
  v1::BroadcastStreamResponse response;
  while (stream->Read(&response)) {
    EXPECT_GT(response.acknowledged(), acknowledged);
    acknowledged = response.acknowledged();
    EXPECT_EQ(response.credit(), 4'096u);
    for (const auto& failure : response.failures()) {
      EXPECT_LE(failure.sequence(), acknowledged);
      EXPECT_EQ(failure.status().code(), StatusCode::INVALID_ARGUMENT);
      failed.push_back(failure.sequence());
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(acknowledged, 100u);
  EXPECT_THAT(failed, ElementsAre(50));
  for (int i = 1; i <= kCount; ++i) {
    if (i == 50) continue;
    client->Expect({nullptr, nullptr, "room:a", "tick", {{"n", i}}});
  }
}

TEST_F(ControlTest, AStreamThatBreaksTheRulesEndsWithAStatus) {
  const auto status_of = [this](const v1::BroadcastStreamRequest& request) {
    const auto context = control_.Context();
    const auto stream = control_.stub().BroadcastStream(context.get());
    stream->Write(request);
    v1::BroadcastStreamResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish().error_code();
  };
  v1::BroadcastStreamRequest request;
  request.set_first_sequence(1);
  EXPECT_EQ(status_of(request), StatusCode::INVALID_ARGUMENT);
  *request.add_broadcasts() = BroadcastOf("room:a", "tick", "{}");
  request.set_first_sequence(2);
  EXPECT_EQ(status_of(request), StatusCode::INVALID_ARGUMENT);
  request.set_first_sequence(1);
  for (int i = 0; i < 4'096; ++i) {
    *request.add_broadcasts() = BroadcastOf("room:a", "tick", "{}");
  }
  EXPECT_EQ(status_of(request), StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ControlTest, APushReachesOneChannelOrThoseOfASocketId) {
  const auto one = Client("users:1");
  const auto again = Client("users:1");
  const auto two = Client("users:2");
  one->Join("room:a");
  again->Join("room:a");
  two->Join("room:a");
  v1::PushRequest push;
  push.mutable_to()->mutable_socket_topic()->set_socket_id("users:1");
  push.mutable_to()->mutable_socket_topic()->set_topic("room:a");
  push.set_event("note");
  push.mutable_payload()->set_json(R"({"n":1})");
  v1::PushResponse response;
  ASSERT_TRUE(control_.Call(&Stub::Push, push, &response).ok());
  EXPECT_EQ(response.channels(), 2u);
  one->Expect({"1", nullptr, "room:a", "note", {{"n", 1}}});
  again->Expect({"1", nullptr, "room:a", "note", {{"n", 1}}});

  const v1::GetTopicResponse topic = Topic("room:a");
  ASSERT_EQ(topic.sample_size(), 3);
  for (const v1::ChannelInfo& channel : topic.sample()) {
    if (channel.socket_id() != "users:2") continue;
    push.mutable_to()->set_channel(channel.channel());
  }
  ASSERT_TRUE(control_.Call(&Stub::Push, push, &response).ok());
  EXPECT_EQ(response.channels(), 1u);
  two->Expect({"1", nullptr, "room:a", "note", {{"n", 1}}});
  // Nobody has these.
  for (const uint64_t channel : {~0ull, 1ull << 47}) {
    push.mutable_to()->set_channel(channel);
    ASSERT_TRUE(control_.Call(&Stub::Push, push, &response).ok());
    EXPECT_EQ(response.channels(), 0u);
  }
}

TEST_F(ControlTest, ADisconnectEndsTheConnectionsOfAnId) {
  const auto one = Client("users:1");
  const auto again = Client("users:1");
  const auto two = Client("users:2");
  one->Join("room:a");
  again->Join("room:a");
  two->Join("room:a");
  v1::DisconnectRequest request;
  request.set_socket_id("users:1");
  v1::DisconnectResponse response;
  ASSERT_TRUE(control_.Call(&Stub::Disconnect, request, &response).ok());
  EXPECT_EQ(response.sockets(), 2u);
  EXPECT_EQ(one->CloseCode(), 1001);
  EXPECT_EQ(again->CloseCode(), 1001);
  two->Echo("room:a");
  request.set_socket_id("users:2");
  request.set_code(4001);
  ASSERT_TRUE(control_.Call(&Stub::Disconnect, request, &response).ok());
  EXPECT_EQ(two->CloseCode(), 4001);
}

TEST_F(ControlTest, AClosedChannelRestartsOrShutsDownForItsClient) {
  const auto one = Client("users:1");
  const auto two = Client("users:2");
  one->Join("room:a");
  two->Join("room:a");
  two->Join("room:b", "2");
  v1::CloseChannelRequest request;
  request.mutable_channels()->mutable_socket_topic()->set_socket_id("users:1");
  request.mutable_channels()->mutable_socket_topic()->set_topic("room:a");
  v1::CloseChannelResponse response;
  ASSERT_TRUE(control_.Call(&Stub::CloseChannel, request, &response).ok());
  EXPECT_EQ(response.channels(), 1u);
  one->Expect({"1", "1", "room:a", "phx_error", {{"reason", "channel_crash"}}});
  one->Join("room:a", "3");
  request.mutable_channels()->set_topic("room:a");
  request.set_reason(v1::CloseChannelRequest::REASON_SHUTDOWN);
  ASSERT_TRUE(control_.Call(&Stub::CloseChannel, request, &response).ok());
  EXPECT_EQ(response.channels(), 2u);
  one->Expect({"3", "3", "room:a", "phx_close", kNone});
  two->Expect({"1", "1", "room:a", "phx_close", kNone});
  two->Echo("room:b", "2");
}

TEST_F(ControlTest, BadRequestsNameTheirFields) {
  v1::BroadcastResponse response;
  const grpc::Status broadcast =
      Broadcast(BroadcastOf("", "phx_x", "[]"), &response);
  EXPECT_EQ(broadcast.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(broadcast), ElementsAre("topic", "event", "payload"));

  v1::PushResponse pushed;
  const grpc::Status push =
      control_.Call(&Stub::Push, v1::PushRequest(), &pushed);
  EXPECT_THAT(WrongFields(push), ElementsAre("to", "event"));

  v1::DisconnectRequest disconnect;
  disconnect.set_code(1000);
  v1::DisconnectResponse disconnected;
  EXPECT_THAT(
      WrongFields(control_.Call(&Stub::Disconnect, disconnect, &disconnected)),
      ElementsAre("socket_id", "code"));

  v1::CloseChannelResponse closed;
  EXPECT_THAT(WrongFields(control_.Call(&Stub::CloseChannel,
                                        v1::CloseChannelRequest(), &closed)),
              ElementsAre("channels"));
  v1::ListTopicsRequest list;
  list.set_page_token("?");
  v1::ListTopicsResponse listed;
  EXPECT_THAT(WrongFields(control_.Call(&Stub::ListTopics, list, &listed)),
              ElementsAre("page_token"));
  v1::ListSocketsRequest sockets;
  sockets.set_page_token("?");
  v1::ListSocketsResponse some;
  EXPECT_THAT(WrongFields(control_.Call(&Stub::ListSockets, sockets, &some)),
              ElementsAre("page_token"));
  Watching watch(control_, v1::WatchRequest());
  EXPECT_EQ(watch.Next(), "end");
  EXPECT_THAT(WrongFields(watch.Status()), ElementsAre("channels"));
}

TEST_F(ControlTest, AMessageThatIsTooLargeIsRefused) {
  v1::BroadcastResponse response;
  std::string large;
  large.resize(11'000'000, 'a');
  EXPECT_THAT(WrongFields(Broadcast(
                  BroadcastOf("room:a", "tick", "{\"a\":\"" + large + "\"}"),
                  &response)),
              ElementsAre("payload"));
  std::string larger;
  larger.resize(17 << 20, 'a');
  EXPECT_EQ(
      Broadcast(BroadcastOf("room:a", "tick", larger), &response).error_code(),
      StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ControlTest, ALateCallIsNotBegun) {
  const auto client = Client("users:1");
  client->Join("room:a");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() -
                       std::chrono::seconds(1));
  v1::BroadcastResponse response;
  EXPECT_EQ(
      control_.stub()
          .Broadcast(&context, BroadcastOf("room:a", "tick", "{}"), &response)
          .error_code(),
      StatusCode::DEADLINE_EXCEEDED);
  client->Echo("room:a");
}

TEST_F(ControlTest, ADrainEndsStreamsBehindTheLastWordAndRefusesCalls) {
  const auto client = Client("users:1");
  client->Join("room:a");
  v1::WatchRequest request;
  request.set_channels(true);
  Watching watch(control_, request);
  EXPECT_EQ(watch.Next(), "WATCHING");
  const auto context = control_.Context();
  const auto stream = control_.stub().BroadcastStream(context.get());
  v1::BroadcastStreamRequest one;
  one.set_first_sequence(1);
  *one.add_broadcasts() = BroadcastOf("room:a", "tick", "{}");
  ASSERT_TRUE(stream->Write(one));
  v1::BroadcastStreamResponse acknowledged;
  ASSERT_TRUE(stream->Read(&acknowledged));
  EXPECT_EQ(acknowledged.acknowledged(), 1u);

  world_.DrainBroker();
  // The edge may leave before the broker has ended its channels.
  EXPECT_THAT(watch.Next(), AnyOf("LEFT room:a draining users:1",
                                  "LEFT room:a edge_lost users:1"));
  EXPECT_EQ(watch.Next(), "end");
  const grpc::Status end = watch.Status();
  EXPECT_EQ(end.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(end), "DRAINING");
  EXPECT_FALSE(stream->Read(&acknowledged));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAVAILABLE);
  v1::BroadcastResponse response;
  EXPECT_EQ(
      Broadcast(BroadcastOf("room:a", "tick", "{}"), &response).error_code(),
      StatusCode::UNAVAILABLE);
}

TEST(ControlBoundsTest, BoundsAreToldWhenTheyAreReached) {
  broker::Options options = World::BrokerOptions();
  options.limits.watchers_max = 1;
  options.limits.broadcast_streams_max = 0;
  options.limits.control_calls_max = 0;
  World world({}, options);
  ControlStub control(absl::StrCat("127.0.0.1:", world.broker().port()));
  v1::WatchRequest request;
  request.set_topics(true);
  Watching first(control, request);
  EXPECT_EQ(first.Next(), "WATCHING");
  Watching second(control, request);
  EXPECT_EQ(second.Next(), "end");
  const grpc::Status status = second.Status();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_CALLS");
  const auto context = control.Context();
  EXPECT_EQ(
      control.stub().BroadcastStream(context.get())->Finish().error_code(),
      StatusCode::RESOURCE_EXHAUSTED);
  v1::BroadcastResponse response;
  EXPECT_EQ(control
                .Call(&Stub::Broadcast, BroadcastOf("room:a", "tick", "{}"),
                      &response)
                .error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace aerie::testing
