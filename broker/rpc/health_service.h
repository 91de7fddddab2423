#ifndef AERIE_BROKER_RPC_HEALTH_SERVICE_H_
#define AERIE_BROKER_RPC_HEALTH_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "common/rpc/server_queues.h"
#include "common/rpc/strand.h"
#include "grpcpp/impl/service_type.h"
#include "proto/grpc/health/v1/health.grpc.pb.h"

namespace aerie::broker {

class HealthWatch;

// Serves grpc.health.v1.Health, to everybody: the broker and each of its
// services are SERVING until it drains, then NOT_SERVING. gRPC's own service
// has threads that wait for the network besides ours, which costs each message
// of a link several wake-ups. Any thread.
class HealthService {
 public:
  using Async = grpc::health::v1::Health::AsyncService;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  grpc::Service& service() { return async_; }
  void Serve(rpc::ServerQueues& queues);

  // From now on nothing is served.
  void Drain();
  // Ends the calls of Watch, UNAVAILABLE, and those that come later.
  void EndStreams();

  // SERVICE_UNKNOWN: there is none of this name.
  Status Of(const std::string& service) const;

  // Of HealthWatch.
  void Add(std::shared_ptr<HealthWatch> watch);
  void Remove(const std::shared_ptr<HealthWatch>& watch);

 private:
  Async async_;
  std::atomic<bool> draining_{false};
  rpc::Strand strand_;
  absl::flat_hash_set<std::shared_ptr<HealthWatch>> watches_;
  absl::Status end_;  // Not OK: all have ended.
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_HEALTH_SERVICE_H_
