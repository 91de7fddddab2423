#ifndef AERIE_CLIENTS_CPP_ATTACH_STREAM_H_
#define AERIE_CLIENTS_CPP_ATTACH_STREAM_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/outbox_stream.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::client {

// Whoever made an AttachStream. Never two calls at once.
class AttachListener {
 public:
  virtual ~AttachListener() = default;

  virtual void Received(v1::AttachResponse batch) = 0;
  // The call is over; the last call.
  virtual void Ended(const absl::Status& status) = 0;
};

// One ChannelHost.Attach call: moves batches, decides nothing. Sent to from any
// thread; what it reads, and its end, is told on the queue's thread. Keeps
// itself alive from Start until Ended.
class AttachStream final
    : public rpc::OutboxStream<v1::AttachRequest, v1::AttachResponse,
                               AttachListener>,
      public std::enable_shared_from_this<AttachStream> {
 public:
  using Listener = AttachListener;

  AttachStream() : OutboxStream("Attached", nullptr, {}, {}) {}

  // Makes the call; `registration` is the first frame.
  void Start(v1::ChannelHost::Stub& stub, grpc::CompletionQueue& queue,
             v1::HostFrame registration, std::shared_ptr<Listener> listener);

  // After Start.
  void Send(v1::HostFrame frame) { outbox().Send(std::move(frame)); }

 private:
  // Of rpc::ClientStream.
  void OnReadDone(bool ok) override;

  v1::AttachResponse reading_;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_ATTACH_STREAM_H_
