#ifndef AERIE_BROKER_RPC_HEALTH_WATCH_H_
#define AERIE_BROKER_RPC_HEALTH_WATCH_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "broker/rpc/health_service.h"
#include "common/rpc/server_call.h"
#include "common/rpc/strand.h"
#include "grpcpp/completion_queue.h"
#include "proto/grpc/health/v1/health.grpc.pb.h"

namespace aerie::broker {

// One Health.Watch call: the state now, then each change of it. While a write
// is under way only the newest state waits. Lives on its strand.
class HealthWatch final
    : public rpc::ServerWriter<grpc::health::v1::HealthCheckResponse>,
      public std::enable_shared_from_this<HealthWatch> {
 public:
  HealthWatch(HealthService::Async& async, HealthService& health)
      : async_(async), health_(health) {}

  // Any thread: the state may have changed.
  void Look();
  void End(absl::Status reason);

 private:
  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override;
  void OnAccepted() override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;

  void Pump();

  HealthService::Async& async_;
  HealthService& health_;
  grpc::health::v1::HealthCheckRequest request_;

  rpc::Strand strand_;
  // The newest that was sent.
  std::optional<HealthService::Status> sent_;
  grpc::health::v1::HealthCheckResponse writing_;
  bool write_under_way_ = false;
  std::optional<absl::Status> end_;
  bool finished_ = false;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_HEALTH_WATCH_H_
