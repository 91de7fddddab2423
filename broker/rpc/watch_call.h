#ifndef AERIE_BROKER_RPC_WATCH_CALL_H_
#define AERIE_BROKER_RPC_WATCH_CALL_H_

#include <memory>

#include "absl/status/status.h"
#include "broker/limits.h"
#include "broker/rpc/control_calls.h"
#include "broker/rpc/open_calls.h"
#include "broker/watch/watchers.h"
#include "common/rpc/strand.h"
#include "grpcpp/support/server_callback.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// One Control.Watch call. What happens is written on the thread on which it
// does, unless a write is under way: then it waits in the Watcher. All else is
// the strand's. Keeps itself alive until gRPC's OnDone.
class WatchCall final : public grpc::ServerWriteReactor<v1::WatchResponse>,
                        public OpenCall,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  WatchCall(ControlCalls& calls, Watchers& watchers, OpenCalls& open);

  // For a call that has begun, with a checked request.
  void Start(const v1::WatchRequest& request, const Limits& limits);

  // Of OpenCall.
  void End(absl::Status reason) override;

 private:
  // Of the reactor.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Pump();
  void Lost();
  void DoEnd(const absl::Status& reason);
  void FinishIfIdle();

  ControlCalls& calls_;
  Watchers& watchers_;
  OpenCalls& open_;
  WatcherPtr watcher_;

  rpc::Strand strand_;
  v1::WatchResponse writing_;
  bool write_under_way_ = false;
  bool ending_ = false;
  bool finished_ = false;
  absl::Status reason_;

  std::shared_ptr<WatchCall> self_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_WATCH_CALL_H_
