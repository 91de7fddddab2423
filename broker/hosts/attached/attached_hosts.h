#ifndef AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOSTS_H_
#define AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOSTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "broker/auth/connect_rule.h"
#include "broker/channel/host.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/host_channels.h"
#include "broker/hosts/attached/host_connects.h"
#include "broker/hosts/attached/host_table.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/shards.h"
#include "broker/topic/router.h"
#include "common/clock.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::broker {

// The Host of every route whose channels run in attached hosts: streams on one
// side, shards on the other. Each shard's channels are kept on its loop
// (HostChannels), the table of hosts on the first shard's; all else is posted
// between them.
//
// Any thread, unless a method says otherwise. Outlives the shards' threads.
class AttachedHosts final : public Host {
 public:
  // `broker` names this process, new at each start.
  AttachedHosts(const Limits& limits, const Clock& clock, Metrics& metrics,
                std::string broker);
  ~AttachedHosts() override;

  // Before the shards' threads start: `base` has the configured routes, of
  // which `routes` are this host's.
  void Bind(Shards& shards, std::shared_ptr<const Router> base,
            const std::vector<AttachedRoute>& routes);

  // Of Host.
  void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
            Actions& out) override;
  void In(Pid pid, const v1::Message& message, Actions& out) override;
  void Out(Pid pid, const v1::Message& broadcast, Actions& out) override;
  void Info(Pid pid, const v1::Message& message, Actions& out) override;
  std::string NameOf(Pid pid) const override;
  void Terminate(Pid pid, ExitReason reason, Actions& out) override;

  // A host that has registered; ends its stream if there is no place for it.
  // Otherwise every shard has it when HostStream::Attached is called.
  AttachedHostPtr Attach(HostRecord record, std::shared_ptr<HostStream> stream);
  // Its stream has ended; once.
  void Detach(const AttachedHostPtr& host);
  // What it says after its Registration; frames are moved out of the batch.
  // One thread at a time. INVALID_ARGUMENT for what no host may say: then its
  // stream has to end.
  absl::Status Answer(const AttachedHostPtr& host, v1::AttachRequest& batch);
  // How many loops speak to hosts.
  size_t loops() const { return channels_.size(); }
  // Whether to read on from its stream; else it is resumed later.
  bool MayRead(AttachedHost& host) const;

  // The broker will exit: hosts are told, and no more are attached.
  void Drain();
  // Runs `done`, on a loop, when no host owes a Terminated any more.
  void AwaitTerminates(absl::AnyInvocable<void()> done);

  // Whether one of the hosts decides about connects.
  bool decides_connects() const { return connect_hosts_ > 0; }
  // Asks one of them, or `otherwise` if the last one has just gone.
  void Connect(const v1::Connect& request,
               absl::AnyInvocable<void(ConnectVerdict)> answer,
               ConnectRule& otherwise);

  // Of the hosts attached, on a loop.
  void List(absl::AnyInvocable<void(const std::vector<AttachedHostPtr>&)> to);

 private:
  // What a batch says to one shard.
  struct Part {
    std::vector<v1::HostFrame> frames;
    uint64_t bytes = 0;
  };

  // Any thread.
  HostChannels& At(Pid pid) { return *channels_[pid.shard]; }
  void PostToTable(Loop::Task task);
  absl::Status Route(const AttachedHostPtr& host, v1::HostFrame& frame,
                     std::vector<Part>& parts);
  bool ReturnCredits(AttachedHost& host, const v1::HostFrame& frame);
  void WakeWaiters(const AttachedHostPtr& host);

  // The table's loop.
  void DoAttach(const AttachedHostPtr& host);
  void DoDetach(const AttachedHostPtr& host);
  void DoDrain(const AttachedHostPtr& host, uint32_t window_ms);
  v1::ChannelFrame AttachedFrame(const AttachedHost& host) const;
  void UseMap(absl::AnyInvocable<void(HostChannels&) const> also,
              absl::AnyInvocable<void()> then);
  void Look();
  void LookLater();
  void UseForConnects();

  const Limits& limits_;
  const Clock& clock_;
  Metrics& metrics_;
  const std::string broker_;
  // From Bind on.
  Shards* shards_ = nullptr;
  std::vector<std::unique_ptr<HostChannels>> channels_;
  std::unique_ptr<HostTable> table_;
  std::unique_ptr<HostConnects> connects_;
  std::atomic<size_t> connect_hosts_{0};
  bool draining_ = false;
  bool looking_ = false;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOSTS_H_
