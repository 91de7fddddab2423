#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOST_CHANNELS_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOST_CHANNELS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "broker/channel/host.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/host_table.h"
#include "broker/hosts/attached/hosted_channel.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/loop.h"
#include "broker/shard/shard.h"
#include "common/clock.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::broker {

// What the channels of attached hosts share. Outlives them.
struct HostContext {
  const Limits& limits;
  Metrics& metrics;
  const Clock& clock;
  // This process, new at each start.
  const std::string& broker;
};

// The channels of one shard that run in attached hosts: gives their callbacks
// to hosts as credits allow, turns the hosts' answers into actions, and sees to
// it that every joined channel gets its terminate. Phoenix:
// Phoenix.Channel.Server's half of a callback, with the callback elsewhere.
//
// Everything here runs in turns of the shard's loop. Callbacks are in
// host_channels.cc, answers in host_answers.cc, ends in host_ends.cc.
class HostChannels {
 public:
  HostChannels(const HostContext& context, uint16_t number, Loop& loop,
               Shard& shard);
  ~HostChannels();

  // Of Host.
  void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
            Actions& out);
  void In(Pid pid, const v1::Message& message, Actions& out);
  void Out(Pid pid, const v1::Message& broadcast, Actions& out);
  void Info(Pid pid, const v1::Message& message, Actions& out);
  std::string NameOf(Pid pid) const;
  void Terminate(Pid pid, ExitReason reason, Actions& out);

  // Which hosts new channels may have; the shard is told by whoever calls this.
  void Use(std::shared_ptr<const HostMap> map);
  // What a host says about channels of this shard, checked, in order.
  void Answer(const AttachedHostPtr& host, std::vector<v1::HostFrame> frames);
  // Credits of the host have come back.
  void Serve(const AttachedHostPtr& host);
  // The host is gone, and no longer in the map: its channels end.
  void Lost(const AttachedHostPtr& host);
  // The host is to exit, and no longer in the map: its channels end evenly over
  // `window_ms`.
  void Drain(const AttachedHostPtr& host, uint32_t window_ms);

  // Runs `done` once no host owes a Terminated for a channel of this shard.
  void AwaitTerminates(Loop::Task done);

 private:
  using State = HostedChannel::State;

  // Callbacks (host_channels.cc).
  HostedChannel* Find(uint64_t serial) const;
  HostHere& HereOf(const AttachedHostPtr& host);
  const AttachedHostPtr* Place(const HostedChannel& channel) const;
  bool StartJoin(HostedChannel& channel, const AttachedHostPtr& host,
                 v1::ChannelFrame frame);
  void Event(HostCallback callback, HostedChannel& channel,
             v1::ChannelFrame frame, Actions& out);
  void GetInLine(HostedChannel& channel);
  void Serve(HostHere& here);
  void SendNext(HostedChannel& channel);
  void JoinWaitOver(uint64_t serial);
  void StopWaitingForJoin(HostedChannel& channel);
  void Link(HostedChannel& channel, HostHere& here);
  void Unlink(HostedChannel& channel);
  void Erase(HostedChannel& channel);
  void Wait(HostedChannel& channel, uint32_t delay_ms,
            void (HostChannels::*turn)(uint64_t serial));
  void StopWaiting(HostedChannel& channel);

  // Answers (host_answers.cc).
  absl::Status Do(const HostHere* here, v1::HostFrame& frame, Actions& out);
  void Foreign(v1::HostFrame& frame, Actions& out);
  absl::Status Do(HostedChannel& channel, v1::HostFrame::JoinReply& reply,
                  Actions& out);
  void Do(HostedChannel& channel, v1::HostFrame::Broadcast& broadcast,
          Actions& out);
  void Do(HostedChannel& channel, v1::HostFrame::Stop& stop, Actions& out);
  void Do(HostedChannel& channel, const v1::HostFrame::Terminated& terminated,
          Actions& out);

  // Ends (host_ends.cc).
  void Crash(HostedChannel& channel, Actions& out);
  void End(HostedChannel& channel, ExitReason reason, Actions& out);
  void KeepTerminate(HostedChannel& channel);
  bool OfferTerminate(HostedChannel& channel);
  void SendTerminate(HostedChannel& channel);
  void Acknowledge(HostedChannel& channel, Actions& out);
  void DropTerminate(HostedChannel& channel, Actions& out);
  void TerminateTooOld(uint64_t serial);
  void Orphan(HostedChannel& channel, Actions& out);
  void Redeliver(HostedChannel& channel, Actions& out);
  void Replace(HostedChannel& channel, Actions& out);
  void DrainSome(const AttachedHostPtr& host);
  void FinishAwait();

  const HostContext context_;
  const uint16_t number_;
  Loop& loop_;
  Shard& shard_;
  std::shared_ptr<const HostMap> map_ = std::make_shared<HostMap>();
  absl::flat_hash_map<const AttachedHost*, std::unique_ptr<HostHere>> heres_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<HostedChannel>> channels_;
  // Terminates that wait for any host of their pattern, by its name.
  absl::flat_hash_map<std::string, std::vector<uint64_t>> orphans_;
  // How many channels with a host are ending.
  uint64_t ending_ = 0;
  Loop::Task awaited_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOST_CHANNELS_H_
