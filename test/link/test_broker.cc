#include "test/link/test_broker.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/rpc/setup.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "test/support/test_host.h"

namespace aerie::testing {
namespace {

// Recordings of links hold what it has sealed.
constexpr absl::Duration kForever = absl::Hours(100 * 366 * 24);

std::shared_ptr<const broker::Router> NewRouter() {
  auto router = std::make_shared<broker::Router>();
  EXPECT_TRUE(router->Add({"*", std::make_shared<TestHost>(), {}}).ok());
  return router;
}

}  // namespace

TestBroker::TestBroker(const broker::Limits& limits)
    : limits_(limits),
      credentials_(
          *broker::ServiceCredentials::Create({}, Clock::Real(), metrics_)),
      authorizer_(*credentials_, metrics_),
      rule_(/*socket_id_param=*/"id"),
      blobs_({std::string(broker::ResumeBlobs::kKeyBytes, 'k')}, kForever,
             limits_.resume_blob_bytes_max),
      router_(NewRouter()),
      hosts_(limits_, Clock::Real(), metrics_, "broker-1"),
      shards_(2, router_, limits_, Clock::Real(), metrics_),
      tokens_({std::string(broker::ResumeBlobs::kKeyBytes, 'k')}, "broker-1"),
      polls_({shards_, rule_, tokens_, limits_, metrics_, Clock::Real()},
             "broker-1"),
      service_(
          {shards_, rule_, blobs_, polls_, limits_, metrics_, Clock::Real()},
          authorizer_, "broker-1"),
      host_service_(hosts_, authorizer_, limits_, metrics_) {
  hosts_.Bind(shards_, router_, {});
  shards_.Start();
  int port = 0;
  grpc::ServerBuilder builder;
  rpc::PrepareServer(builder);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service_.service());
  builder.RegisterService(&host_service_.service());
  queues_.Register(builder);
  server_ = builder.BuildAndStart();
  queues_.Start();
  service_.Serve(queues_);
  host_service_.Serve(queues_);
  address_ = absl::StrCat("127.0.0.1:", port);
}

void TestBroker::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  queues_.Stop();
  server_ = nullptr;
  shards_.Stop();
}

}  // namespace aerie::testing
