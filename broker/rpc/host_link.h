#ifndef AERIE_BROKER_RPC_HOST_LINK_H_
#define AERIE_BROKER_RPC_HOST_LINK_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/attached_hosts.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/rpc/authorizer.h"
#include "common/rpc/outbox.h"
#include "common/rpc/server_call.h"
#include "common/rpc/server_queues.h"
#include "common/rpc/strand.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/service_type.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::broker {

// One ChannelHost.Attach call: the stream of one host. Sent to from any thread;
// all else is its strand's. The host's channels keep it alive after the call is
// over, when it drops what it is sent.
class HostLink final
    : public HostStream,
      public rpc::ServerStream<v1::AttachRequest, v1::AttachResponse>,
      public std::enable_shared_from_this<HostLink>,
      private rpc::Outbox<v1::AttachResponse>::Stream {
 public:
  HostLink(v1::ChannelHost::AsyncService& service, AttachedHosts& hosts,
           const Authorizer& authorizer, const Limits& limits,
           Metrics& metrics);
  ~HostLink() override;

  // Of HostStream.
  void Send(v1::ChannelFrame frame) override;
  void Attached() override;
  void Resume() override;
  void End(absl::Status reason) override;

 private:
  enum class State {
    kRegistration,  // Waits for the host's.
    kAttaching,     // Waits for Attached.
    kUp,
    kEnding,  // Waits for the write in flight, then for gRPC.
  };

  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override;
  void OnAccepted() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { outbox_.OnWritten(ok); }
  void OnCancel() override;
  void OnDone() override;

  // Of rpc::Outbox::Stream.
  void Write(const v1::AttachResponse& batch) override { StartWrite(&batch); }
  void Overflowed() override;
  void Closed() override;

  void SendGathered(std::vector<v1::ChannelFrame>& gathered);
  void Received();
  absl::Status Registration();
  void ReadOn();
  void DoEnd(const absl::Status& reason);
  HostEnd Cause() const;
  void LogEnd() const;
  // Runs a turn on the strand after a while, unless the link is gone by then.
  void After(absl::Duration delay, void (HostLink::*turn)());
  void RegistrationLate();
  void EndLate();

  v1::ChannelHost::AsyncService& service_;
  AttachedHosts& hosts_;
  const Authorizer& authorizer_;
  const Limits& limits_;
  Metrics& metrics_;
  rpc::Outbox<v1::AttachResponse> outbox_;
  // What each loop has said in its present turn; of that loop.
  std::vector<std::vector<v1::ChannelFrame>> gathered_;

  rpc::Strand strand_;
  State state_ = State::kRegistration;
  v1::AttachRequest reading_;
  // From its Registration until the end.
  AttachedHostPtr host_;
  std::unique_ptr<grpc::Alarm> alarm_;
  // Of the end, and what ended.
  absl::Status reason_;
  bool was_up_ = false;
  HostRecord record_;
  uint64_t channels_lost_ = 0;
  bool finished_ = false;
};

// Serves hosts: those who have the scope `host`.
class ChannelHostService {
 public:
  ChannelHostService(AttachedHosts& hosts, const Authorizer& authorizer,
                     const Limits& limits, Metrics& metrics)
      : hosts_(hosts),
        authorizer_(authorizer),
        limits_(limits),
        metrics_(metrics) {}

  grpc::Service& service() { return service_; }
  void Serve(rpc::ServerQueues& queues);

 private:
  AttachedHosts& hosts_;
  const Authorizer& authorizer_;
  const Limits& limits_;
  Metrics& metrics_;
  v1::ChannelHost::AsyncService service_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_HOST_LINK_H_
