#ifndef AERIE_BROKER_RPC_BROADCAST_STREAM_H_
#define AERIE_BROKER_RPC_BROADCAST_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "broker/control/broadcasts.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/control_calls.h"
#include "broker/rpc/open_calls.h"
#include "common/rpc/server_call.h"
#include "common/rpc/strand.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/control.grpc.pb.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// One Control.BroadcastStream call: hands broadcasts on as they come, and
// acknowledges them, in order, when their shards have sent them. What is
// acknowledged while a write is under way goes out with the next one. Lives on
// its strand.
class BroadcastStream final
    : public rpc::ServerStream<v1::BroadcastStreamRequest,
                               v1::BroadcastStreamResponse>,
      public OpenCall,
      public std::enable_shared_from_this<BroadcastStream> {
 public:
  BroadcastStream(v1::Control::AsyncService& service, ControlCalls& calls,
                  OpenCalls& open, Broadcasts& broadcasts, const Limits& limits,
                  Metrics& metrics);

  // Of OpenCall: what has been taken is acknowledged before the end.
  void End(absl::Status reason) override;

 private:
  // The broadcasts of one message, from their receipt until all before them
  // have been sent as well.
  struct Taken {
    uint64_t last = 0;
    uint64_t bytes = 0;
    bool sent = false;
    std::vector<BroadcastOutcome> outcomes;
  };

  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override;
  void OnAccepted() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;

  void ReadOn();
  void Received();
  absl::Status Take();
  void Sent(uint64_t last, std::vector<BroadcastOutcome> outcomes);
  void Acknowledge(const Taken& taken);
  void Pump();
  void DoEnd(const absl::Status& reason);
  void Lost();
  void FinishIfDone();

  v1::Control::AsyncService& service_;
  ControlCalls& calls_;
  OpenCalls& open_;
  Broadcasts& broadcasts_;
  const Limits& limits_;
  Metrics& metrics_;

  rpc::Strand strand_;
  v1::BroadcastStreamRequest reading_;
  bool paused_ = false;
  uint64_t taken_ = 0;  // Sequence number of the newest broadcast.
  std::deque<Taken> under_way_;
  uint64_t under_way_bytes_ = 0;

  // Of the next response, and of the one that is being written.
  v1::BroadcastStreamResponse next_;
  v1::BroadcastStreamResponse writing_;
  bool write_under_way_ = false;

  bool ending_ = false;  // Reads no more.
  bool lost_ = false;
  bool finished_ = false;
  absl::Status reason_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_BROADCAST_STREAM_H_
