#ifndef AERIE_CLIENTS_CPP_ATTACH_STREAM_H_
#define AERIE_CLIENTS_CPP_ATTACH_STREAM_H_

#include <atomic>
#include <memory>

#include "absl/status/status.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/outbox.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::client {

// One ChannelHost.Attach call: moves batches, decides nothing. Sent to from any
// thread; what it reads, and its end, is told on the queue's thread. Keeps
// itself alive from Start until Ended.
class AttachStream final
    : public rpc::ClientStream<v1::AttachRequest, v1::AttachResponse>,
      public std::enable_shared_from_this<AttachStream>,
      private rpc::Outbox<v1::AttachRequest>::Stream {
 public:
  // Whoever made the stream. Never two calls at once.
  class Listener {
   public:
    virtual ~Listener() = default;

    virtual void Received(v1::AttachResponse batch) = 0;
    // The call is over; the last call.
    virtual void Ended(const absl::Status& status) = 0;
  };

  AttachStream() : outbox_(*this, {}, {}) {}

  // Makes the call; `registration` is the first frame.
  void Start(v1::ChannelHost::Stub& stub, grpc::CompletionQueue& queue,
             v1::HostFrame registration, std::shared_ptr<Listener> listener);

  // After Start.
  void Send(v1::HostFrame frame) { outbox_.Send(std::move(frame)); }

  // Sends what is queued, then half-closes; the broker ends the call.
  void Finish() { outbox_.Finish(); }
  // Ends the call, for this reason.
  void Cancel(absl::StatusCode code);

 private:
  // Of rpc::Outbox::Stream.
  void Write(const v1::AttachRequest& batch) override { StartWrite(&batch); }
  void Overflowed() override { Cancel(absl::StatusCode::kResourceExhausted); }
  void Closed() override;

  // Of rpc::ClientStream.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnDone(const grpc::Status& status) override;

  rpc::Outbox<v1::AttachRequest> outbox_;
  std::shared_ptr<Listener> listener_;
  v1::AttachResponse reading_;
  // Why we ended the call; kOk as long as we did not.
  std::atomic<absl::StatusCode> cancelled_{absl::StatusCode::kOk};
  std::shared_ptr<AttachStream> self_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_ATTACH_STREAM_H_
