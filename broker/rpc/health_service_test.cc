#include "broker/rpc/health_service.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/server_queues.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "proto/grpc/health/v1/health.grpc.pb.h"

namespace aerie::broker {
namespace {

using grpc::StatusCode;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch call, read on the test's thread.
class Watch {
 public:
  Watch(Health::Stub& stub, const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub.Watch(&context_, request);
  }

  // UNKNOWN: the call has ended.
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    if (!reader_->Read(&response)) return HealthCheckResponse::UNKNOWN;
    return response.status();
  }
  // How the call has ended.
  StatusCode End() { return reader_->Finish().error_code(); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&health_.service());
    queues_.Register(builder);
    server_ = builder.BuildAndStart();
    queues_.Start();
    health_.Serve(queues_);
    stub_ = Health::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~HealthServiceTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    queues_.Stop();
  }

  // The status, or how the call has failed.
  std::string Check(const std::string& service) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = stub_->Check(&context, request, &response);
    if (status.error_code() == StatusCode::NOT_FOUND) return "not found";
    if (!status.ok()) return status.error_message();
    return HealthCheckResponse::ServingStatus_Name(response.status());
  }

  HealthService health_;
  rpc::ServerQueues queues_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
};

TEST_F(HealthServiceTest, TheBrokerAndItsServicesServeUntilItDrains) {
  EXPECT_EQ(Check(""), "SERVING");
  EXPECT_EQ(Check("aerie.v1.Control"), "SERVING");
  EXPECT_EQ(Check("aerie.v1.ChannelHost"), "SERVING");
  EXPECT_EQ(Check("aerie.v1.EdgeLink"), "SERVING");
  EXPECT_EQ(Check("aerie.v1.Contro"), "not found");
  health_.Drain();
  EXPECT_EQ(Check(""), "NOT_SERVING");
  EXPECT_EQ(Check("aerie.v1.Control"), "NOT_SERVING");
  EXPECT_EQ(Check("aerie.v1.Contro"), "not found");
}

TEST_F(HealthServiceTest, WatchTellsEachChangeUntilTheStreamsEnd) {
  Watch broker(*stub_, "");
  Watch stranger(*stub_, "nobody.v1.Knows");
  EXPECT_EQ(broker.Next(), HealthCheckResponse::SERVING);
  EXPECT_EQ(stranger.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.Drain();
  EXPECT_EQ(broker.Next(), HealthCheckResponse::NOT_SERVING);
  health_.EndStreams();
  EXPECT_EQ(broker.Next(), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(broker.End(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(stranger.Next(), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(stranger.End(), StatusCode::UNAVAILABLE);
  Watch late(*stub_, "");
  EXPECT_EQ(late.Next(), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(late.End(), StatusCode::UNAVAILABLE);
}

TEST_F(HealthServiceTest, WatchesAreBounded) {
  constexpr int kMax = 1'000;
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < kMax; ++i) {
    watches.push_back(std::make_unique<Watch>(*stub_, ""));
    ASSERT_EQ(watches.back()->Next(), HealthCheckResponse::SERVING);
  }
  Watch refused(*stub_, "");
  EXPECT_EQ(refused.Next(), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(refused.End(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Check(""), "SERVING");

  // One that leaves makes room, as soon as the broker knows.
  watches.front()->Cancel();
  EXPECT_EQ(watches.front()->End(), StatusCode::CANCELLED);
  HealthCheckResponse::ServingStatus status = HealthCheckResponse::UNKNOWN;
  while (status != HealthCheckResponse::SERVING) {
    Watch next(*stub_, "");
    status = next.Next();
    if (status == HealthCheckResponse::SERVING) next.Cancel();
    next.End();
  }
}

}  // namespace
}  // namespace aerie::broker
