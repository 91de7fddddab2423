#include "clients/cpp/control_client.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "clients/cpp/publisher.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::client {
namespace {

// Answers GetTopic with the topic, or with what it was told to.
class FakeControl final : public v1::Control::Service {
 public:
  FakeControl() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeControl() override {
    server_->Shutdown(std::chrono::system_clock::now());
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status GetTopic(grpc::ServerContext* context,
                        const v1::GetTopicRequest* request,
                        v1::GetTopicResponse* response) override {
    ++calls;
    const auto& metadata = context->client_metadata();
    const auto token = metadata.find("authorization");
    if (token == metadata.end() || token->second != "Bearer sesame") {
      return {grpc::StatusCode::UNAUTHENTICATED, "no token"};
    }
    response->set_topic(request->topic());
    return failure;
  }
  // Three pages of a topic each; that of `loop` follows itself.
  grpc::Status ListTopics(grpc::ServerContext*,
                          const v1::ListTopicsRequest* request,
                          v1::ListTopicsResponse* response) override {
    ++calls;
    const std::string& page = request->page_token();
    response->add_topics()->set_topic(request->prefix() + page);
    if (page.empty()) response->set_next_page_token("b");
    if (page == "b") response->set_next_page_token("c");
    if (page == "b" && request->prefix() == "loop") {
      response->set_next_page_token("b");
    }
    return grpc::Status::OK;
  }
  // Two pages of two sockets each.
  grpc::Status ListSockets(grpc::ServerContext*,
                           const v1::ListSocketsRequest* request,
                           v1::ListSocketsResponse* response) override {
    ++calls;
    for (int i = 0; i < 2; ++i) {
      response->add_sockets()->set_edge("e");
    }
    if (request->page_token().empty()) response->set_next_page_token("b");
    return failure;
  }
  grpc::Status Push(grpc::ServerContext*, const v1::PushRequest*,
                    v1::PushResponse*) override {
    ++calls;
    return failure;
  }
  grpc::Status Watch(grpc::ServerContext*, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    v1::WatchResponse response;
    response.add_events()->set_kind(v1::WatchResponse::Event::KIND_WATCHING);
    response.add_events()->set_kind(v1::WatchResponse::Event::KIND_LOST);
    writer->Write(response);
    return grpc::Status::OK;
  }

  // Acknowledges everything; a broadcast without a topic has failed.
  grpc::Status BroadcastStream(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::BroadcastStreamResponse,
                               v1::BroadcastStreamRequest>* stream) override {
    v1::BroadcastStreamRequest request;
    uint64_t sequence = 0;
    while (stream->Read(&request)) {
      v1::BroadcastStreamResponse response;
      if (request.first_sequence() != sequence + 1) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "sequence"};
      }
      for (const v1::BroadcastRequest& one : request.broadcasts()) {
        ++sequence;
        if (one.event() == "break") {
          return {grpc::StatusCode::ABORTED, "asked for"};
        }
        if (!one.topic().empty()) continue;
        response.add_failures()->set_sequence(sequence);
        response.mutable_failures(0)->mutable_status()->set_code(3);
      }
      response.set_acknowledged(sequence);
      response.set_credit(1);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  std::atomic<int> calls{0};
  grpc::Status failure = grpc::Status::OK;  // Set before calls.

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class ControlClientTest : public ::testing::Test {
 protected:
  ConnectionOptions To(std::vector<std::string> brokers) {
    ConnectionOptions options;
    options.brokers = std::move(brokers);
    options.token = StaticToken("sesame");
    return options;
  }
  static v1::GetTopicRequest Lobby() {
    v1::GetTopicRequest request;
    request.set_topic("room:lobby");
    return request;
  }

  FakeControl control_;
};

TEST_F(ControlClientTest, ACallShowsItsTokenAndGetsItsAnswer) {
  ControlClient client(To({control_.address()}));
  const auto response = client.GetTopic(Lobby());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->topic(), "room:lobby");
}

TEST_F(ControlClientTest, WhatIsUnavailableIsTriedAtTheNextAddress) {
  ControlClient client(To({"127.0.0.1:1", control_.address()}));
  EXPECT_TRUE(client.GetTopic(Lobby()).ok());
  EXPECT_EQ(control_.calls, 1);
}

TEST_F(ControlClientTest, ThreeAttemptsAreAllAndAPushHasOne) {
  control_.failure = {grpc::StatusCode::UNAVAILABLE, "drains"};
  ControlClient client(To({control_.address()}));
  EXPECT_TRUE(absl::IsUnavailable(client.GetTopic(Lobby()).status()));
  EXPECT_EQ(control_.calls, 3);
  EXPECT_TRUE(absl::IsUnavailable(client.Push({}).status()));
  EXPECT_EQ(control_.calls, 4);
}

TEST_F(ControlClientTest, AnErrorTellsItsReasonFieldsAndPause) {
  google::rpc::Status packed;
  google::rpc::ErrorInfo info;
  info.set_reason("TOPIC_EMPTY");
  packed.add_details()->PackFrom(info);
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("topic");
  packed.add_details()->PackFrom(bad);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  packed.add_details()->PackFrom(retry);
  control_.failure = {grpc::StatusCode::INVALID_ARGUMENT, "wrong",
                      packed.SerializeAsString()};
  ControlClient client(To({control_.address()}));
  const absl::Status status = client.GetTopic(Lobby()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(control_.calls, 1);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, "TOPIC_EMPTY");
  ASSERT_EQ(details.fields.size(), 1u);
  EXPECT_EQ(details.fields[0].first, "topic");
  EXPECT_EQ(details.retry_after, absl::Seconds(2));
}

TEST_F(ControlClientTest, AListIsWalkedOverAllPages) {
  ControlClient client(To({control_.address()}));
  v1::ListTopicsRequest topics;
  topics.set_prefix("t");
  std::string told;
  const auto tell = [&told](const v1::TopicInfo& topic) {
    told += topic.topic() + " ";
    return topic.topic() != "stopb";
  };
  EXPECT_TRUE(client.EachTopic(topics, tell).ok());
  EXPECT_EQ(told, "t tb tc ");
  topics.set_prefix("stop");
  told.clear();
  EXPECT_TRUE(client.EachTopic(topics, tell).ok());
  EXPECT_EQ(told, "stop stopb ");
  EXPECT_EQ(control_.calls, 5);

  int sockets = 0;
  const auto count = [&sockets](const auto&) { return ++sockets > 0; };
  EXPECT_TRUE(client.EachSocket({}, count).ok());
  EXPECT_EQ(sockets, 4);
}

TEST_F(ControlClientTest, AWalkEndsWithTheErrorOfAPage) {
  ControlClient client(To({control_.address()}));
  v1::ListTopicsRequest topics;
  topics.set_prefix("loop");
  EXPECT_TRUE(absl::IsInternal(
      client.EachTopic(topics, [](const auto&) { return true; })));
  control_.failure = {grpc::StatusCode::PERMISSION_DENIED, "no scope"};
  EXPECT_TRUE(absl::IsPermissionDenied(
      client.EachSocket({}, [](const auto&) { return true; })));
}

TEST_F(ControlClientTest, AWatchGivesWhatIsLostAndItsEndIsAnError) {
  ControlClient client(To({control_.address()}));
  int events = 0;
  const auto count = [&events](const auto&) { return ++events > 0; };
  EXPECT_TRUE(absl::IsUnavailable(client.Watch({}, count)));
  EXPECT_EQ(events, 2);
  EXPECT_TRUE(client.Watch({}, [](const auto&) { return false; }).ok());
}

TEST_F(ControlClientTest, EachBroadcastOfAStreamHasItsOwnResult) {
  Publisher publisher(To({control_.address()}));
  v1::BroadcastRequest good;
  good.set_topic("room:1");
  std::future<absl::Status> first = publisher.Publish(good);
  EXPECT_TRUE(first.get().ok());
  // With a credit of 1 each one waits for the one before.
  std::future<absl::Status> bad = publisher.Publish({});
  std::future<absl::Status> last = publisher.Publish(good);
  EXPECT_TRUE(absl::IsInvalidArgument(bad.get()));
  EXPECT_TRUE(publisher.Close().ok());
  EXPECT_TRUE(last.get().ok());
  EXPECT_FALSE(publisher.Publish(good).get().ok());
}

TEST_F(ControlClientTest, ABrokenStreamFailsWhatIsUnacknowledged) {
  Publisher publisher(To({control_.address()}));
  v1::BroadcastRequest request;
  request.set_event("break");
  EXPECT_TRUE(absl::IsAborted(publisher.Publish(request).get()));
  EXPECT_TRUE(absl::IsAborted(publisher.Publish(request).get()));
  EXPECT_TRUE(absl::IsAborted(publisher.Close()));
}

}  // namespace
}  // namespace aerie::client
