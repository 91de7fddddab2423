#ifndef AERIE_BROKER_SHARD_SHARDS_H_
#define AERIE_BROKER_SHARD_SHARDS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/grant.h"
#include "broker/channel/host.h"
#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/loop.h"
#include "broker/shard/service_calls.h"
#include "broker/shard/shard.h"
#include "broker/topic/router.h"
#include "broker/watch/watchers.h"
#include "common/clock.h"

namespace aerie::broker {

// The broker's core: every topic has its shard, every shard its loop. Adapters
// put things in here; what comes out goes to Edges and Hosts. Phoenix: the
// processes of Phoenix.Socket, Phoenix.Channel.Server and Phoenix.PubSub.
//
// All methods: any thread, unless they say otherwise. What one thread says in
// two calls about the same topic, or the same socket, is done in that order.
class Shards final : public Peers {
 public:
  // Starts no threads yet. `router`'s hosts are told the number of shards.
  Shards(uint32_t count, const std::shared_ptr<const Router>& router,
         const Limits& limits, const Clock& clock, Metrics& metrics);
  ~Shards() override;

  // One thread for each shard. Stop ends them; sockets and channels that are
  // left get no more words.
  void Start();
  void Stop();

  // Messages of clients, in the order of their link. Sockets whose messages
  // find their shard's inbox full are closed, 1013.
  void In(std::vector<SocketMessage> batch);

  // The connect rule has accepted the sockets: before their first messages.
  void SocketsOpened(const std::vector<SocketPtr>& sockets);
  void SocketOpened(const SocketPtr& socket) { SocketsOpened({socket}); }

  // The sockets are gone: behind their last messages. Their channels end with
  // `reason`: kClosed, or kEdgeLost.
  void SocketsGone(std::vector<SocketPtr> sockets, ExitReason reason);
  void SocketGone(const SocketPtr& socket, ExitReason reason) {
    SocketsGone({socket}, reason);
  }

  // ActionSink.
  [[nodiscard]] bool Post(Actions actions) override;

  // A broadcast to every channel of a topic. The payload is an object or
  // bytes. False when the topic's shard has no room for it.
  [[nodiscard]] bool Broadcast(absl::string_view topic, std::string event,
                               Payload payload);
  // Broadcasts of services to topics of one shard, in order; `bytes` is what
  // they weigh. `done` runs at the end of the turn that has sent them. False
  // when the shard has no room for them: then it does not.
  using BroadcastsDone = absl::AnyInvocable<void(std::vector<BroadcastResult>)>;
  [[nodiscard]] bool Broadcast(uint32_t shard,
                               std::vector<ServiceBroadcast> broadcasts,
                               uint64_t bytes, BroadcastsDone done);

  // Ends every connection of a socket id: 1001 on the wire.
  void Disconnect(absl::string_view socket_id) override;

  // Replaces what a socket may do, and until when. Its channels stay; what it
  // joins from now on is judged by the new grant. False when it was opened
  // without one.
  bool Renew(const SocketPtr& socket, GrantPtr grant);

  void GrantExpiring(const SocketPtr& socket, int64_t seconds) override;

  // Terminates every channel, silently for clients: their edges have told them.
  // From now on joins are answered `unavailable`. `done` is called once, on a
  // loop, when every TerminateAck is in or given up; that takes at most
  // Limits::terminate_deadline_ms.
  void Drain(absl::AnyInvocable<void()> done);

  uint32_t count() const { return static_cast<uint32_t>(slots_.size()); }
  // The shard of a topic or of a socket id.
  uint32_t ShardOf(absl::string_view name) const;

  // Runs `turn` on each loop; then, when what each has said is on its way,
  // `then` on one of them.
  void OnEach(absl::AnyInvocable<void(uint32_t shard) const> turn,
              absl::AnyInvocable<void()> then);

  // Those who watch.
  Watchers& watchers() { return watchers_; }

  // For adapters that keep state of their own on the loop of each shard.
  Loop& loop(uint32_t shard) { return slots_[shard]->loop; }
  Shard& shard(uint32_t shard) { return slots_[shard]->shard; }

  // How many loops have been in one turn for seconds.
  size_t StuckLoops() const;

  // Tests, without Start: turns until no loop has anything to do.
  void RunUntilIdle();

 private:
  // A loop and what it owns.
  struct Slot {
    Slot(uint16_t number, const std::shared_ptr<const Router>& router,
         const Limits& limits, const Clock& clock, Metrics& metrics,
         Watchers& watchers, Peers& peers)
        : loop(clock, limits.shard_inbox_bytes_max, metrics, number),
          shard(number, router, limits, metrics, watchers, loop, peers) {}

    Loop loop;
    Shard shard;
  };

  // Which keeps the socket.
  Slot& Home(const Socket& socket);
  void PostBatch(Slot& slot, std::vector<SocketMessage> batch, uint64_t bytes);

  void TellSocket(Watchers::Kind kind, const Socket& socket);

  const Clock& clock_;
  Metrics& metrics_;
  Watchers watchers_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_SHARDS_H_
