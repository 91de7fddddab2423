#ifndef AERIE_BROKER_RPC_EDGE_LINK_H_
#define AERIE_BROKER_RPC_EDGE_LINK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/channel/edge.h"
#include "broker/control/edges.h"
#include "broker/rpc/authorizer.h"
#include "broker/rpc/edge_links.h"
#include "broker/rpc/link_sockets.h"
#include "common/rpc/outbox.h"
#include "common/rpc/server_call.h"
#include "common/rpc/server_queues.h"
#include "common/rpc/strand.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/service_type.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// One EdgeLink.Link call: an edge, for the shards. Sent to from any thread;
// all else is its strand's. Sockets keep it alive after the call is over, when
// it drops what it is sent.
class EdgeLink final : public Edge,
                       public EdgeLinks::Link,
                       public rpc::ServerStream<v1::EdgeBatch, v1::BrokerBatch>,
                       public std::enable_shared_from_this<EdgeLink>,
                       private rpc::Outbox<v1::BrokerBatch>::Stream {
 public:
  // `broker` is what Welcome calls this process.
  EdgeLink(v1::EdgeLink::AsyncService& service, const LinkContext& context,
           EdgeLinks& links, const Authorizer& authorizer, std::string broker);
  ~EdgeLink() override;

  // Of Edge.
  absl::string_view name() const override { return hello_.edge(); }
  uint64_t queued_bytes() const override { return outbox_.queued_bytes(); }
  void Send(v1::BrokerFrame frame) override;
  void SendAll(std::vector<v1::BrokerFrame>& frames) override {
    outbox_.Send(frames);
  }

  // Of EdgeLinks::Link.
  void Welcome() override;
  void End(absl::Status reason, absl::AnyInvocable<void()> then) override;
  void Drain(std::shared_ptr<const void> told) override;
  void Look(absl::AnyInvocable<void(absl::optional<EdgeView>)> to) override;
  void Sockets(uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override;
  void Find(uint64_t number, absl::AnyInvocable<void(SocketPtr)> to) override;

 private:
  enum class State {
    kHello,      // Waits for the edge's.
    kAdmission,  // Waits for Welcome.
    kUp,
    kEnding,  // Waits for the write in flight, then for gRPC.
  };

  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override;
  void OnAccepted() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnCancel() override;
  void OnDone() override { LogEnd(); }

  // Of rpc::Outbox::Stream.
  void Write(const v1::BrokerBatch& batch) override { StartWrite(&batch); }
  void Overflowed() override;
  void Closed() override;

  void SendGathered(std::vector<v1::BrokerFrame>& gathered);
  void Received();
  absl::Status Hello();
  void DoEnd(const absl::Status& reason);
  void LogEnd() const;
  // Runs a turn on the strand after a while, unless the link is gone by then.
  void After(absl::Duration delay, void (EdgeLink::*turn)());
  void HelloLate();
  void EndLate();

  v1::EdgeLink::AsyncService& service_;
  EdgeLinks& links_;
  const Authorizer& authorizer_;
  Metrics& metrics_;
  const Clock& clock_;
  const std::string broker_;
  rpc::Outbox<v1::BrokerBatch> outbox_;
  // What each loop has said in its present turn; of that loop.
  std::vector<std::vector<v1::BrokerFrame>> gathered_;

  rpc::Strand strand_;
  State state_ = State::kHello;
  v1::EdgeBatch reading_;
  v1::Hello hello_;
  int64_t up_since_ms_ = 0;
  LinkSockets sockets_;
  std::unique_ptr<grpc::Alarm> alarm_;
  // Of the end, and what ended.
  absl::Status reason_;
  bool was_up_ = false;
  size_t sockets_lost_ = 0;
  bool finished_ = false;
};

// Serves edges, those who have the scope `edge`: the broker's end of every
// link.
class EdgeLinkService {
 public:
  EdgeLinkService(const LinkContext& context, const Authorizer& authorizer,
                  std::string broker);

  grpc::Service& service() { return service_; }
  void Serve(rpc::ServerQueues& queues);

  // The edges that are linked.
  Edges& edges() { return links_; }

  // Tells all edges to link elsewhere, and refuses new ones.
  void Drain(absl::AnyInvocable<void()> then) { links_.Drain(std::move(then)); }

 private:
  const LinkContext context_;
  const Authorizer& authorizer_;
  const std::string broker_;
  v1::EdgeLink::AsyncService service_;
  EdgeLinks links_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_EDGE_LINK_H_
