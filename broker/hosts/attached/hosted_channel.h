#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOSTED_CHANNEL_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOSTED_CHANNEL_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/channel/exit_reason.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/host_table.h"
#include "broker/shard/loop.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::broker {

struct HostHere;

// A channel whose callbacks run in an attached host, from its Join until its
// Terminate is acknowledged, which may be long after the shard has forgotten
// it. Lives on its shard's loop.
struct HostedChannel {
  enum class State : uint8_t {
    kWaiting,  // Join waits for a credit.
    kJoining,  // JoinReply is due.
    kJoined,
    kEnding,  // Terminate waits for a credit or a host, or Terminated is due.
  };

  HostedChannel(Pid pid, SocketPtr socket, std::string topic,
                std::shared_ptr<KnownPattern> pattern)
      : pid(pid),
        socket(std::move(socket)),
        topic(std::move(topic)),
        pattern(std::move(pattern)) {}

  const Pid pid;
  const SocketPtr socket;
  const std::string topic;
  const std::shared_ptr<KnownPattern> pattern;
  // The host; null while its terminate waits for one.
  HostHere* here = nullptr;

  State state = State::kWaiting;
  ExitReason exit = ExitReason::kCrash;  // Once it is ending.
  bool join_owed = false;                // JoinReply is due.
  bool joined = false;                   // Its host has said ok.
  bool ack_owed = false;                 // The shard waits for TerminateAck.
  bool terminate_sent = false;
  bool redelivered = false;
  bool in_line = false;
  // As the host has last set them; empty for those of the socket.
  std::string assigns;
  // What waits for credits, before the terminate.
  std::vector<v1::ChannelFrame> queue;
  // When Join, later Terminate, was sent.
  int64_t sent_ms = 0;
  // Counted in the pattern's kept_bytes.
  uint64_t kept_bytes = 0;
  // The end of the wait for a credit, later of the terminate's being kept.
  Loop::Timer timer{0, 0};

  // The host's other channels on this shard.
  HostedChannel* previous = nullptr;
  HostedChannel* next = nullptr;
};

// A host, as far as one shard has channels of it. Lives on the shard's loop.
struct HostHere {
  explicit HostHere(AttachedHostPtr host) : host(std::move(host)) {}

  const AttachedHostPtr host;
  HostedChannel* first = nullptr;
  // Serials of the channels that wait for credits, each once; those that are
  // not this host's any more are passed over.
  std::deque<uint64_t> line;

  // A drain under way: what is to be ended by when.
  std::vector<uint64_t> draining;
  size_t drained = 0;
  int64_t drain_since_ms = 0;
  int64_t drain_window_ms = 0;
  bool drain_over = false;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOSTED_CHANNEL_H_
