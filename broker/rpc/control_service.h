#ifndef AERIE_BROKER_RPC_CONTROL_SERVICE_H_
#define AERIE_BROKER_RPC_CONTROL_SERVICE_H_

#include "broker/control/control.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/authorizer.h"
#include "broker/rpc/control_calls.h"
#include "broker/rpc/open_calls.h"
#include "broker/watch/watchers.h"
#include "common/clock.h"
#include "common/rpc/server_queues.h"
#include "grpcpp/impl/service_type.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::broker {

// Serves aerie.v1.Control: what each method needs, and who does it. Phoenix has
// no such service: there, other services are nodes.
class ControlService {
 public:
  ControlService(const ControlContext& context, const Authorizer& authorizer);

  grpc::Service& service() { return service_; }
  void Serve(rpc::ServerQueues& queues);

  // Refuses new calls.
  void Drain() { calls_.Drain(); }
  // Ends the streams, UNAVAILABLE.
  void EndStreams();

  // For looks from inside the process, which no call stands for.
  Control& control() { return control_; }

 private:
  v1::Control::AsyncService service_;
  Control control_;
  Watchers& watchers_;
  const Limits& limits_;
  Metrics& metrics_;
  const Clock& clock_;
  ControlCalls calls_;
  OpenCalls open_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_CONTROL_SERVICE_H_
