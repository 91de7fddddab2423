#ifndef AERIE_EDGE_LINK_LINK_STREAM_H_
#define AERIE_EDGE_LINK_LINK_STREAM_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/outbox.h"
#include "edge/link/frame_sink.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// One EdgeLink.Link call: moves batches, decides nothing. Sent to from any
// thread; what it reads, and its end, is told on the queue's thread. Keeps
// itself alive from Start until Ended.
class LinkStream final
    : public FrameSink,
      public rpc::ClientStream<v1::EdgeBatch, v1::BrokerBatch>,
      public std::enable_shared_from_this<LinkStream>,
      private rpc::Outbox<v1::EdgeBatch>::Stream {
 public:
  // Whoever made the stream. Never two calls at once.
  class Listener {
   public:
    virtual ~Listener() = default;

    // A message. Unless this says true, the next one is read after Read().
    virtual bool Received(std::shared_ptr<const v1::BrokerBatch> batch) = 0;
    // The call is over; the last call.
    virtual void Ended(const absl::Status& status) = 0;
  };

  // `alive` is let go when nothing is left of the call.
  LinkStream(std::shared_ptr<void> alive, const rpc::OutboxOptions& options,
             const rpc::OutboxMetrics& metrics);

  // Makes the call, with the token, if there is one; `hello` is the first
  // frame.
  void Start(v1::EdgeLink::Stub& stub, grpc::CompletionQueue& queue,
             const std::string& token, v1::EdgeFrame hello,
             std::shared_ptr<Listener> listener);

  // Of FrameSink. After Start.
  void Send(std::vector<v1::EdgeFrame>& frames) override {
    outbox_.Send(frames);
  }

  // After Received said false; once.
  void Read();

  // Sends what is queued, then half-closes; the broker ends the call.
  void Finish() { outbox_.Finish(); }
  // Ends the call, for this reason.
  void Cancel(absl::StatusCode code);

 private:
  // Of rpc::Outbox::Stream.
  void Write(const v1::EdgeBatch& batch) override { StartWrite(&batch); }
  void Overflowed() override { Cancel(absl::StatusCode::kResourceExhausted); }
  void Closed() override;

  // Of rpc::ClientStream.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnDone(const grpc::Status& status) override;

  const std::shared_ptr<void> alive_;  // First, so that it goes last.
  rpc::Outbox<v1::EdgeBatch> outbox_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<v1::BrokerBatch> reading_;
  // Why we ended the call; kOk as long as we did not.
  std::atomic<absl::StatusCode> cancelled_{absl::StatusCode::kOk};
  std::shared_ptr<LinkStream> self_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_LINK_STREAM_H_
