#ifndef AERIE_BROKER_SHARD_SERVICE_CALLS_H_
#define AERIE_BROKER_SHARD_SERVICE_CALLS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/message.pb.h"

// What services ask of one shard, and what it answers.
namespace aerie::broker {

// Joined channels: one, by its pid; or those of a topic, of every socket or of
// those of an id.
struct ChannelSet {
  absl::optional<Pid> pid;
  std::string topic;
  std::string socket_id;
};

// An event to every channel of a topic.
struct ServiceBroadcast {
  v1::Message message;  // KIND_BROADCAST: topic, event, payload.
  // Sockets of these ids do not get it.
  std::vector<std::string> except_socket_ids = {};
  // One that was used for the topic lately: nothing is sent.
  std::string idempotency_key = {};
};

// What became of it.
struct BroadcastResult {
  bool duplicate = false;
  uint32_t edges = 0;
};

// A topic that channels have joined.
struct TopicCount {
  std::string name;
  uint32_t channels = 0;
};

// A channel, as it was in the turn of the question.
struct ChannelView {
  Pid pid;
  SocketPtr socket;
  std::string host;
};

// A topic, likewise.
struct TopicView {
  uint32_t channels = 0;
  // Channels by the name of their edge, and of their host.
  std::map<std::string, uint32_t> edges;
  std::map<std::string, uint32_t> hosts;
  std::vector<ChannelView> sample;
};

// What a shard holds.
struct Census {
  uint64_t channels = 0;
  uint64_t topics = 0;
  // Joined channels by the name of the host that runs them, of hosts that are
  // routed to by configuration.
  std::map<std::string, uint64_t> hosts;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_SERVICE_CALLS_H_
