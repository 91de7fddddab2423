#ifndef AERIE_BROKER_SHARD_EXPIRIES_H_
#define AERIE_BROKER_SHARD_EXPIRIES_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "broker/shard/loop.h"

namespace aerie::broker {

// When the grants of sockets expire: each limited socket is watched on the
// shard that keeps it, with one timer. Goes by the time of day, which timers
// don't know: what a timer finds too early, it waits for again. Lives on its
// shard's loop.
class Expiries {
 public:
  struct Calls {
    // Limits::grant_notice_ms before the end; how many seconds are left.
    absl::AnyInvocable<void(const SocketPtr&, int64_t seconds)> expiring;
    // Limits::grant_grace_ms after it.
    absl::AnyInvocable<void(const SocketPtr&)> expired;
  };

  Expiries(const Limits& limits, Loop& loop, Calls calls);

  // From Add to Remove.
  void Add(const SocketPtr& socket);
  void Remove(const SocketPtr& socket);
  // The socket's grant has been replaced. One that is not watched is gone.
  void Renewed(const SocketPtr& socket);

  // The seconds that a grant has left, when it is time to say so.
  static absl::optional<int64_t> SecondsLeft(const Grant& grant,
                                             const Limits& limits,
                                             absl::Time now);

 private:
  struct Watch {
    SocketPtr socket;
    Loop::Timer timer = {};
    // Whether the end of this grant has been announced.
    bool told = false;
  };

  void Step(Watch& watch);
  void Wait(Watch& watch, absl::Duration delay);
  void StopWaiting(Watch& watch);

  const Limits& limits_;
  Loop& loop_;
  Calls calls_;
  absl::flat_hash_map<const Socket*, Watch> watches_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_EXPIRIES_H_
