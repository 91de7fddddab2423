#include "clients/cpp/channel_host.h"

#include <memory>
#include <thread>
#include <utility>

#include "clients/cpp/testing/fake_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::client {
namespace {

using ::testing::HasSubstr;

class Echo final : public Channel {
 public:
  Result HandleIn(Event event) override {
    return Result::Ok(std::move(event.payload));
  }
};

class ChannelHostTest : public ::testing::Test {
 protected:
  ~ChannelHostTest() override {
    if (!thread_.joinable()) return;
    host_->Stop();
    thread_.join();
  }

  void Start(std::vector<std::string> brokers) {
    HostOptions options{.name = "echo"};
    options.connection.brokers = std::move(brokers);
    options.connection.token = StaticToken("sesame");
    options.instance = "h-1";
    options.drain_window_ms = 0;
    options.handle_signals = false;
    host_ = std::make_unique<ChannelHost>(std::move(options));
    host_->Handle("echo:*", [] { return std::make_unique<Echo>(); });
    thread_ = std::thread([this] { status_ = host_->Run(); });
  }
  absl::Status Result() {
    thread_.join();
    return status_;
  }
  void Join(uint64_t id) {
    v1::ChannelFrame frame;
    frame.set_channel(id);
    frame.mutable_join()->set_topic("echo:1");
    frame.mutable_join()->set_pattern("echo:*");
    broker_.Send(std::move(frame));
    EXPECT_THAT(broker_.Next(), HasSubstr("join_reply { ok: true"));
  }

  FakeBroker broker_;
  std::unique_ptr<ChannelHost> host_;
  std::thread thread_;
  absl::Status status_;
};

const char kRegistration[] =
    "registration { major: 1 name: \"echo\" instance: \"h-1\" patterns { "
    "pattern: \"echo:*\" spread: SPREAD_TOPIC } }";

TEST_F(ChannelHostTest, RegistersAndServes) {
  Start({broker_.address()});
  EXPECT_EQ(broker_.Next(), kRegistration);
  Join(7);
  v1::ChannelFrame frame;
  frame.set_channel(7);
  frame.mutable_handle_in()->set_event("any");
  frame.mutable_handle_in()->set_ref("1");
  broker_.Send(std::move(frame));
  EXPECT_THAT(broker_.Next(), HasSubstr("channel: 7 reply { ref: \"1\""));
  EXPECT_EQ(broker_.Next(), "channel: 7 done { callbacks: 1 }");
  while (!host_->attached()) std::this_thread::yield();
  EXPECT_TRUE(host_->Broadcast("room:1", "hi").ok());
  EXPECT_THAT(broker_.Next(), HasSubstr("broadcast { event: \"hi\""));
}

TEST_F(ChannelHostTest, AttachesToTheNextBrokerWhenTheStreamIsLost) {
  FakeBroker other;
  Start({broker_.address(), other.address()});
  EXPECT_EQ(broker_.Next(), kRegistration);
  broker_.Cut();
  EXPECT_EQ(other.Next(), kRegistration);
}

TEST_F(ChannelHostTest, AHostThatIsRefusedAtFirstDoesNotRun) {
  broker_.Refuse(grpc::StatusCode::INVALID_ARGUMENT);
  Start({broker_.address()});
  EXPECT_EQ(Result().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ChannelHostTest, ADrainEndsRunWithoutAnError) {
  Start({broker_.address()});
  EXPECT_EQ(broker_.Next(), kRegistration);
  Join(1);
  host_->Drain();
  EXPECT_EQ(broker_.Next(), "drain { }");
  v1::ChannelFrame end;
  end.set_channel(1);
  end.mutable_terminate()->set_event_id("e");
  end.mutable_terminate()->set_reason(v1::EXIT_REASON_DRAINING);
  broker_.Send(std::move(end));
  EXPECT_EQ(broker_.Next(), "channel: 1 terminated { event_id: \"e\" }");
  v1::ChannelFrame drained;
  drained.mutable_drained();
  broker_.Send(std::move(drained));
  EXPECT_TRUE(Result().ok());
}

TEST_F(ChannelHostTest, WhatAProgramGetsWrongIsToldByRun) {
  ChannelHost host({.name = "x"});
  EXPECT_FALSE(host.Run().ok());
  ChannelHost twice({.name = "x"});
  twice.Handle("a*b", [] { return std::make_unique<Echo>(); });
  EXPECT_EQ(twice.Run().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aerie::client
