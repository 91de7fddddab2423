#include "broker/rpc/health_service.h"

#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"
#include "broker/rpc/health_watch.h"
#include "common/rpc/server_call.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/status.h"

namespace aerie::broker {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Those that are asked about; empty: the broker.
constexpr std::array<absl::string_view, 4> kServices = {
    "", "aerie.v1.Control", "aerie.v1.ChannelHost", "aerie.v1.EdgeLink"};

// Beyond that: RESOURCE_EXHAUSTED.
constexpr size_t kWatchesMax = 1'000;

// One Health.Check call.
class HealthCheck final : public rpc::ServerUnary<HealthCheckResponse> {
 public:
  HealthCheck(HealthService::Async& async, const HealthService& health)
      : async_(async), health_(health) {}

 private:
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override {
    async_.RequestCheck(&context(), &request_, &responder(), &queue, &queue,
                        tag);
  }

  void OnAccepted() override {
    HealthCheckResponse response;
    response.set_status(health_.Of(request_.service()));
    if (response.status() == HealthCheckResponse::SERVICE_UNKNOWN) {
      return Finish({}, {grpc::StatusCode::NOT_FOUND, "no such service"});
    }
    Finish(response, grpc::Status::OK);
  }

  HealthService::Async& async_;
  const HealthService& health_;
  HealthCheckRequest request_;
};

}  // namespace

void HealthService::Serve(rpc::ServerQueues& queues) {
  queues.Serve([this] { return std::make_shared<HealthCheck>(async_, *this); });
  queues.Serve([this] { return std::make_shared<HealthWatch>(async_, *this); });
}

void HealthService::Drain() {
  draining_ = true;
  strand_.Post([this] {
    for (const auto& watch : watches_) watch->Look();
  });
}

void HealthService::EndStreams() {
  strand_.Post([this] {
    end_ = absl::UnavailableError("the broker is draining");
    for (const auto& watch : watches_) watch->End(end_);
  });
}

HealthService::Status HealthService::Of(const std::string& service) const {
  if (!absl::c_linear_search(kServices, service)) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return draining_ ? HealthCheckResponse::NOT_SERVING
                   : HealthCheckResponse::SERVING;
}

void HealthService::Add(std::shared_ptr<HealthWatch> watch) {
  strand_.Post([this, watch = std::move(watch)] {
    if (!end_.ok()) return watch->End(end_);
    if (watches_.size() >= kWatchesMax) {
      return watch->End(absl::ResourceExhaustedError("too many watch already"));
    }
    watches_.insert(watch);
    watch->Look();
  });
}

void HealthService::Remove(const std::shared_ptr<HealthWatch>& watch) {
  strand_.Post([this, watch] { watches_.erase(watch); });
}

}  // namespace aerie::broker
