#include "broker/shard/expiries.h"

#include <algorithm>
#include <utility>

namespace aerie::broker {
namespace {

// A timer never waits longer, however far the end is.
constexpr absl::Duration kWaitMax = absl::Hours(24);

}  // namespace

Expiries::Expiries(const Limits& limits, Loop& loop, Calls calls)
    : limits_(limits), loop_(loop), calls_(std::move(calls)) {}

void Expiries::Add(const SocketPtr& socket) {
  Watch& watch = watches_[socket.get()];
  watch.socket = socket;
  // It has no channel yet: each one that joins so late is told by itself.
  watch.told = true;
  Step(watch);
}

void Expiries::Remove(const SocketPtr& socket) {
  const auto watch = watches_.find(socket.get());
  if (watch == watches_.end()) return;
  StopWaiting(watch->second);
  watches_.erase(watch);
}

void Expiries::Renewed(const SocketPtr& socket) {
  const auto watch = watches_.find(socket.get());
  if (watch == watches_.end()) return;
  watch->second.told = false;
  Step(watch->second);
}

absl::optional<int64_t> Expiries::SecondsLeft(const Grant& grant,
                                              const Limits& limits,
                                              absl::Time now) {
  const absl::Duration left = grant.expires - now;
  if (left <= absl::ZeroDuration() ||
      left > absl::Milliseconds(limits.grant_notice_ms)) {
    return absl::nullopt;
  }
  return absl::ToInt64Seconds(absl::Ceil(left, absl::Seconds(1)));
}

// What is due by now is done; then comes the wait for what is next.
void Expiries::Step(Watch& watch) {
  StopWaiting(watch);
  const absl::Time now = loop_.clock().Now();
  const GrantPtr grant = watch.socket->grant();
  const absl::Time notice =
      grant->expires - absl::Milliseconds(limits_.grant_notice_ms);
  if (now < notice) {
    watch.told = false;
    return Wait(watch, notice - now);
  }
  const absl::optional<int64_t> seconds = SecondsLeft(*grant, limits_, now);
  if (seconds.has_value() && !std::exchange(watch.told, true)) {
    calls_.expiring(watch.socket, *seconds);
  }
  const absl::Time end =
      grant->expires + absl::Milliseconds(limits_.grant_grace_ms);
  if (now < end) return Wait(watch, end - now);
  calls_.expired(watch.socket);
}

void Expiries::Wait(Watch& watch, absl::Duration delay) {
  if (delay == absl::InfiniteDuration()) return;
  const int64_t delay_ms = absl::ToInt64Milliseconds(
      absl::Ceil(std::min(delay, kWaitMax), absl::Milliseconds(1)));
  watch.timer = loop_.After(delay_ms, [this, key = watch.socket.get()] {
    Watch& due = watches_.at(key);
    due.timer = {};
    Step(due);
  });
}

void Expiries::StopWaiting(Watch& watch) {
  if (watch.timer == Loop::Timer()) return;
  loop_.Cancel(std::exchange(watch.timer, {}));
}

}  // namespace aerie::broker
