#ifndef AERIE_EDGE_LINK_LINK_STREAM_H_
#define AERIE_EDGE_LINK_LINK_STREAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/outbox.h"
#include "common/rpc/outbox_stream.h"
#include "edge/link/frame_sink.h"
#include "grpcpp/completion_queue.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// Whoever made a LinkStream. Never two calls at once.
class LinkListener {
 public:
  virtual ~LinkListener() = default;

  // A message. Unless this says true, the next one is read after Read().
  virtual bool Received(std::shared_ptr<const v1::BrokerBatch> batch) = 0;
  // The call is over; the last call.
  virtual void Ended(const absl::Status& status) = 0;
};

// One EdgeLink.Link call: moves batches, decides nothing. Sent to from any
// thread; what it reads, and its end, is told on the queue's thread. Keeps
// itself alive from Start until Ended.
class LinkStream final
    : public FrameSink,
      public rpc::OutboxStream<v1::EdgeBatch, v1::BrokerBatch, LinkListener>,
      public std::enable_shared_from_this<LinkStream> {
 public:
  using Listener = LinkListener;

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
    outbox().Send(frames);
  }

  // After Received said false; once.
  void Read();

 private:
  // Of rpc::ClientStream.
  void OnReadDone(bool ok) override;

  std::shared_ptr<v1::BrokerBatch> reading_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_LINK_STREAM_H_
