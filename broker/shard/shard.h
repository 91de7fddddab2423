#ifndef AERIE_BROKER_SHARD_SHARD_H_
#define AERIE_BROKER_SHARD_SHARD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "broker/channel/channel.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/host.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/loop.h"
#include "broker/shard/socket_ids.h"
#include "broker/shard/tally.h"
#include "broker/topic/pubsub.h"
#include "broker/topic/router.h"

namespace aerie::broker {

// A client's message and who sent it.
struct SocketMessage {
  SocketPtr socket;
  v1::Message message;
};

// What a shard asks of the others. Any thread.
class Peers : public ActionSink {
 public:
  // Ends every connection of a socket id.
  virtual void Disconnect(absl::string_view socket_id) = 0;
};

// The channels of a part of the topics, and every rule about them: what a
// connection does with a message, what a host's action does to a channel, how a
// channel ends. Phoenix: Phoenix.Socket and Phoenix.Channel.Server.
//
// Everything here runs in turns of its loop. The rules of messages are in
// shard.cc, those of actions in shard_actions.cc, those of ends in
// shard_exits.cc.
class Shard {
 public:
  Shard(uint16_t number, std::shared_ptr<const Router> router,
        const Limits& limits, Metrics& metrics, Loop& loop, Peers& peers);

  // The routing table from now on. Channels stay with their hosts, which the
  // new table keeps.
  void Use(std::shared_ptr<const Router> router);

  // Messages of clients, in order.
  void In(std::vector<SocketMessage> batch);
  // Actions of hosts, in order.
  void Act(Actions actions);
  // A broadcast (KIND_BROADCAST) from outside the topic's channels.
  void Broadcast(v1::Message broadcast);

  // This shard keeps the socket's id.
  void Opened(const SocketPtr& socket);
  // The socket's channels here end.
  void Gone(const SocketPtr& socket, ExitReason reason);
  // Closes the sockets of an id that this shard keeps.
  void Disconnect(absl::string_view socket_id);

  // Terminates all channels; `done` runs once the last one has ended.
  void Drain(Loop::Task done);

 private:
  using Kind = v1::Message::Kind;

  // Messages (shard.cc).
  void In(const SocketPtr& socket, v1::Message& message);
  Channel* Find(const Socket& socket, const v1::Message& message) const;
  void Join(const SocketPtr& socket, v1::Message& join);
  void Rejoin(Channel& old, v1::Message& join);
  void StartJoin(const SocketPtr& socket, const Route& route,
                 const v1::Message& join, absl::optional<std::string> replaced);
  void Leave(Channel& channel, v1::Message& leave);
  void Event(Channel& channel, const v1::Message& event);
  void Wait(Channel& channel, v1::Message& message);
  void Resume(const SocketPtr& socket, std::vector<v1::Message> waiting);
  void Answer(const Socket& socket, Kind kind, v1::Message& message);
  void Unmatched(const Socket& socket, v1::Message& message);

  // Actions (shard_actions.cc).
  Channel* Find(Pid pid) const;
  void Act(Action& action);
  void Do(Channel& channel, Joined& joined);
  void Do(Channel& channel, JoinCrashed& crashed);
  void Do(Channel& channel, JoinUnavailable& unavailable);
  void Do(Channel& channel, Reply& reply);
  void Do(Channel& channel, Push& push);
  void Do(Channel& channel, broker::Broadcast& broadcast);
  void Do(Channel& channel, Stop& stop);
  void Do(Channel& channel, Left& left);
  void Do(Channel& channel, TerminateAck& ack);
  void Do(Channel& channel, Info& info);
  void Publish(Topic& topic, v1::Message broadcast, const Channel* except);
  void HandleOut(const std::vector<Pid>& pids, const v1::Message& broadcast);

  // Ends (shard_exits.cc).
  void DrainChannel(Channel& channel);
  void FinishDrain();
  void FailJoin(Channel& channel, absl::optional<ExitReason> terminate,
                absl::FunctionRef<void()> tell);
  void Abandon(Channel& channel, ExitReason reason);
  void Terminate(Channel& channel, ExitReason reason);
  void Exit(Channel& channel);
  void Free(Channel& channel, ExitReason reason);
  void Forget(Channel& channel);
  void Delist(Channel& channel);
  void Map(Channel& channel);
  void Unmap(Channel& channel);
  void Await(Channel& channel, uint32_t deadline_ms);
  void StopWaiting(Channel& channel);
  void Deadline(uint64_t serial);

  const uint16_t number_;
  std::shared_ptr<const Router> router_;
  const Limits& limits_;
  Metrics& metrics_;
  Loop& loop_;
  Peers& peers_;

  PubSub pubsub_;
  SocketIds ids_;
  uint64_t serials_ = 0;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Channel>> channels_;
  // The first of each socket's mapped channels; they are linked.
  absl::flat_hash_map<const Socket*, Channel*> sockets_;
  bool draining_ = false;
  Loop::Task drained_;
  Tally tally_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_SHARD_H_
