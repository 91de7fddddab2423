#ifndef AERIE_BROKER_RPC_WATCH_CALL_H_
#define AERIE_BROKER_RPC_WATCH_CALL_H_

#include <memory>

#include "absl/status/status.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/control_calls.h"
#include "broker/rpc/open_calls.h"
#include "broker/watch/watchers.h"
#include "common/clock.h"
#include "common/rpc/outbox.h"
#include "common/rpc/server_call.h"
#include "common/rpc/strand.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/control.grpc.pb.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::rpc {

template <>
struct BatchFrames<v1::WatchResponse> {
  static auto* Of(v1::WatchResponse& batch) { return batch.mutable_events(); }
};

}  // namespace aerie::rpc

namespace aerie::broker {

// One Control.Watch call. It is told of events on any thread; what its client
// has yet to read waits in an outbox, which loses what finds no room and says
// how much. All else is the strand's.
class WatchCall final : public rpc::ServerWriter<v1::WatchResponse>,
                        public Watcher,
                        public OpenCall,
                        public std::enable_shared_from_this<WatchCall>,
                        private rpc::Outbox<v1::WatchResponse>::Stream {
 public:
  WatchCall(v1::Control::AsyncService& service, ControlCalls& calls,
            Watchers& watchers, OpenCalls& open, const Limits& limits,
            Metrics& metrics, const Clock& clock);

  // Of Watcher.
  void Tell(const Event& event) override { outbox_.Send(event); }

  // Of OpenCall: what has happened before is told before the end.
  void End(absl::Status reason) override;

 private:
  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override;
  void OnAccepted() override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnCancel() override;

  // Of rpc::Outbox::Stream. It never overflows.
  void Write(const v1::WatchResponse& batch) override;
  void Overflowed() override {}
  void Closed() override;

  grpc::Status MayBegin();
  void Begin();
  void DoEnd(const absl::Status& reason);
  void Lost();

  v1::Control::AsyncService& service_;
  ControlCalls& calls_;
  Watchers& watchers_;
  OpenCalls& open_;
  const Clock& clock_;
  rpc::Outbox<v1::WatchResponse> outbox_;
  // The first response, until the watchers have the call; then null.
  const v1::WatchResponse* first_ = nullptr;
  bool begun_ = false;

  bool refused_ = false;  // Never watched.

  rpc::Strand strand_;
  bool ending_ = false;
  absl::Status reason_;  // Of the end.
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_WATCH_CALL_H_
