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
#include "broker/rpc/edge_links.h"
#include "broker/rpc/link_sockets.h"
#include "common/rpc/outbox.h"
#include "common/rpc/strand.h"
#include "grpcpp/alarm.h"
#include "grpcpp/support/server_callback.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// One EdgeLink.Link call: an edge, for the shards. Sent to from any thread;
// all else is its strand's. Sockets keep it alive after the call is over, when
// it drops what it is sent.
class EdgeLink final
    : public Edge,
      public EdgeLinks::Link,
      public grpc::ServerBidiReactor<v1::EdgeBatch, v1::BrokerBatch>,
      public std::enable_shared_from_this<EdgeLink>,
      private rpc::Outbox<v1::BrokerBatch>::Stream {
 public:
  // `broker` is what Welcome calls this process.
  EdgeLink(grpc::CallbackServerContext& call, const LinkContext& context,
           EdgeLinks& links, std::string broker,
           const rpc::OutboxOptions& outbox);
  ~EdgeLink() override;

  // Begins with the edge's Hello; from here on until gRPC's OnDone the link
  // keeps itself alive.
  void Start();

  // Of Edge.
  absl::string_view name() const override { return hello_.edge(); }
  void Send(v1::BrokerFrame frame) override;
  void SendAll(std::vector<v1::BrokerFrame>& frames) override {
    outbox_.Send(frames);
  }

  // Of EdgeLinks::Link.
  void Welcome() override;
  void End(absl::Status reason, absl::AnyInvocable<void()> then) override;
  void Drain(std::shared_ptr<const void> told) override;

 private:
  enum class State {
    kHello,      // Waits for the edge's.
    kAdmission,  // Waits for Welcome.
    kUp,
    kEnding,  // Waits for the write in flight, then for gRPC.
  };

  // Of the reactor.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnCancel() override;
  void OnDone() override;

  // Of rpc::Outbox::Stream.
  void Write(const v1::BrokerBatch& batch) override { StartWrite(&batch); }
  void Wait(absl::Duration gap) override;
  void Overflowed() override;
  void Closed() override;

  void SendGathered(std::vector<v1::BrokerFrame>& gathered);
  void Received();
  absl::Status Hello();
  void DoEnd(const absl::Status& reason);
  void LogEnd(const absl::Status& reason) const;
  // Runs a turn on the strand after a while, unless the link is gone by then.
  void After(absl::Duration delay, void (EdgeLink::*turn)());
  void HelloLate();
  void EndLate();

  grpc::CallbackServerContext& call_;
  EdgeLinks& links_;
  Metrics& metrics_;
  const std::string broker_;
  rpc::Outbox<v1::BrokerBatch> outbox_;
  // What each loop has said in its present turn; of that loop.
  std::vector<std::vector<v1::BrokerFrame>> gathered_;
  grpc::Alarm gap_;

  rpc::Strand strand_;
  State state_ = State::kHello;
  v1::EdgeBatch reading_;
  v1::Hello hello_;
  LinkSockets sockets_;
  std::unique_ptr<grpc::Alarm> alarm_;
  absl::Status reason_;  // Of the end.
  bool finished_ = false;

  std::shared_ptr<EdgeLink> self_;
};

// Serves edges. The broker's end of every link.
class EdgeLinkService final : public v1::EdgeLink::CallbackService {
 public:
  // `gap` is the pause between writes of a busy link.
  EdgeLinkService(const LinkContext& context, std::string broker,
                  absl::Duration gap = absl::Microseconds(500));

  // Tells all edges to link elsewhere, and refuses new ones.
  void Drain(absl::AnyInvocable<void()> then) { links_.Drain(std::move(then)); }

  grpc::ServerBidiReactor<v1::EdgeBatch, v1::BrokerBatch>* Link(
      grpc::CallbackServerContext* call) override;

 private:
  const LinkContext context_;
  const std::string broker_;
  const absl::Duration gap_;
  EdgeLinks links_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_EDGE_LINK_H_
