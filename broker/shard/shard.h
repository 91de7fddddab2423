#ifndef AERIE_BROKER_SHARD_SHARD_H_
#define AERIE_BROKER_SHARD_SHARD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
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
#include "broker/shard/expiries.h"
#include "broker/shard/loop.h"
#include "broker/shard/recent_keys.h"
#include "broker/shard/service_calls.h"
#include "broker/shard/socket_ids.h"
#include "broker/shard/tally.h"
#include "broker/topic/fastlane.h"
#include "broker/topic/pubsub.h"
#include "broker/topic/router.h"
#include "broker/watch/watchers.h"

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
  // The socket's grant ends in so many seconds: each of its channels is told.
  virtual void GrantExpiring(const SocketPtr& socket, int64_t seconds) = 0;
};

// The channels of a part of the topics, and every rule about them: what a
// connection does with a message, what a host's action does to a channel, how a
// channel ends. Phoenix: Phoenix.Socket and Phoenix.Channel.Server.
//
// Everything here runs in turns of its loop. The rules of messages are in
// shard.cc, those of actions in shard_actions.cc, those of ends in
// shard_exits.cc, those of grants in shard_grants.cc; what services do and see
// is in shard_services.cc and shard_watch.cc.
class Shard {
 public:
  Shard(uint16_t number, std::shared_ptr<const Router> router,
        const Limits& limits, Metrics& metrics, Watchers& watchers, Loop& loop,
        Peers& peers);

  // The routing table from now on. Channels stay with their hosts, which the
  // new table keeps.
  void Use(std::shared_ptr<const Router> router);

  // Messages of clients, in order.
  void In(std::vector<SocketMessage> batch);
  // Actions of hosts, in order.
  void Act(Actions actions);

  // What services do (shard_services.cc); how many channels or sockets it was.
  BroadcastResult Broadcast(ServiceBroadcast broadcast);
  uint32_t PushTo(const ChannelSet& to, const Push& push);
  uint32_t Close(const ChannelSet& channels, ExitReason reason);
  // Of the sockets of an id that this shard keeps.
  uint32_t Disconnect(absl::string_view socket_id, uint32_t code);

  // What services may know (shard_services.cc).

  // In the order of their names, those behind `after`.
  std::vector<TopicCount> ListTopics(absl::string_view prefix,
                                     absl::string_view after, size_t max) const;
  // Those with the most channels, these first; equals by name.
  std::vector<TopicCount> TopTopics(size_t max) const;
  // Nothing for a topic that nobody has joined.
  absl::optional<TopicView> LookAt(absl::string_view topic,
                                   size_t sample_max) const;
  // Of an id that this shard keeps.
  std::vector<SocketPtr> SocketsOf(absl::string_view socket_id) const;
  // Those that the socket has joined here.
  std::vector<std::string> TopicsOf(const Socket& socket) const;
  Census Count() const;

  // This shard keeps the socket's id and watches its grant.
  void Opened(const SocketPtr& socket);
  // The socket's channels here end.
  void Gone(const SocketPtr& socket, ExitReason reason);
  // The grant of a socket that this shard keeps has been replaced.
  void Renewed(const SocketPtr& socket);
  // Tells the socket's channels here, each client and each host.
  void GrantExpiring(const Socket& socket, int64_t seconds);

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
  uint32_t Publish(Topic& topic, v1::Message broadcast,
                   Fastlane::Except except);
  void HandleOut(const std::vector<Pid>& pids, const v1::Message& broadcast);

  // Services (shard_services.cc).
  std::vector<Pid> Select(const ChannelSet& set) const;
  std::vector<const Channel*> Except(
      const Topic& topic, const std::vector<std::string>& socket_ids) const;
  void VisitSockets(absl::string_view id,
                    absl::FunctionRef<void(const Socket& socket)> visit) const;
  std::string HostName(const Channel& channel) const;
  std::string RouteName(const Host& host) const;

  // Who is there (shard_watch.cc).
  void Arrived(Channel& channel);
  void Departed(Channel& channel, ExitReason reason);
  void TellChannel(Watchers::Kind kind, const Channel& channel,
                   v1::ExitReason reason);
  void TellTopic(Watchers::Kind kind, const std::string& topic);
  void TellBroadcast(const v1::Message& broadcast);
  v1::WatchResponse::Event NewEvent(Watchers::Kind kind,
                                    const std::string& topic) const;

  // Grants (shard_grants.cc).
  Expiries::Calls ExpiryCalls();
  bool Allowed(const Socket& socket, const v1::Message& join) const;
  void Unauthorized(const Socket& socket, v1::Message& join);
  void TellIfExpiring(Channel& channel);
  void TellExpiring(Channel& channel, int64_t seconds);

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
  bool draining_ = false;
  std::shared_ptr<const Router> router_;
  const Limits& limits_;
  Metrics& metrics_;
  Watchers& watchers_;
  Loop& loop_;
  Peers& peers_;

  Loop::Task drained_;
  Expiries expiries_;
  PubSub pubsub_;
  SocketIds ids_;
  uint64_t serials_ = 0;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Channel>> channels_;
  // The first of each socket's mapped channels; they are linked.
  absl::flat_hash_map<const Socket*, Channel*> sockets_;
  // Those of them that have an id, by it.
  absl::btree_set<std::pair<absl::string_view, const Socket*>> ids_here_;
  absl::flat_hash_map<const Host*, uint64_t> joined_by_host_;
  uint64_t occupied_topics_ = 0;
  RecentKeys recent_keys_;
  Tally tally_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_SHARD_H_
