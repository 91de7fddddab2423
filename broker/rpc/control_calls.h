#ifndef AERIE_BROKER_RPC_CONTROL_CALLS_H_
#define AERIE_BROKER_RPC_CONTROL_CALLS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "broker/auth/scope.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/authorizer.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace aerie::broker {

// The calls of Control: which may begin, and how many there are. Any thread;
// outlives them.
class ControlCalls {
 public:
  ControlCalls(const Authorizer& authorizer, const Limits& limits,
               Metrics& metrics)
      : authorizer_(authorizer), limits_(limits), metrics_(metrics) {}

  // OK: the call has begun, and End follows. Otherwise it ends with what this
  // says: UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE when the broker
  // drains, RESOURCE_EXHAUSTED when there are too many calls.
  grpc::Status Begin(const grpc::ServerContextBase& call, ControlMethod method,
                     absl::Span<const Scope> scopes);
  // It is over, for this reason.
  void End(ControlMethod method, const grpc::Status& status);

  // From now on none begins.
  void Drain() { draining_ = true; }

 private:
  // How many calls that are counted with this one there may be at once.
  uint32_t MaxOf(ControlMethod method) const;
  std::atomic<uint32_t>& CountOf(ControlMethod method);
  grpc::Status Count(const grpc::Status& status);

  const Authorizer& authorizer_;
  const Limits& limits_;
  Metrics& metrics_;
  std::atomic<bool> draining_{false};
  std::atomic<uint32_t> unary_{0};
  std::atomic<uint32_t> broadcast_streams_{0};
  std::atomic<uint32_t> watches_{0};
};

// What a call gets while the broker drains.
absl::Status BrokerIsDraining();

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_CONTROL_CALLS_H_
