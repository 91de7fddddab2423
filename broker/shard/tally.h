#ifndef AERIE_BROKER_SHARD_TALLY_H_
#define AERIE_BROKER_SHARD_TALLY_H_

#include <array>
#include <cstdint>

#include "broker/channel/exit_reason.h"
#include "broker/metrics.h"

namespace aerie::broker {

// What one shard has counted since the end of its last turn: plain numbers,
// because a shared counter costs more than much of what is counted here.
struct Tally {
  // Change of what is joined or being joined.
  int64_t channels = 0;

  uint64_t joins_ok = 0;
  uint64_t joins_refused = 0;
  uint64_t joins_crashed = 0;
  uint64_t joins_unmatched = 0;
  uint64_t joins_over_limit = 0;
  uint64_t joins_unavailable = 0;
  uint64_t joins_unauthorized = 0;
  uint64_t joins_replacing = 0;
  std::array<uint64_t, kExitReasons> exits = {};

  uint64_t events_in = 0;
  uint64_t unmatched = 0;
  uint64_t dropped_stale = 0;
  uint64_t dropped_leaving = 0;
  uint64_t dropped_closing = 0;
  uint64_t replies = 0;
  uint64_t pushes = 0;
  uint64_t broadcasts = 0;
  uint64_t fanouts = 0;
  uint64_t intercepted = 0;
  uint64_t disconnects = 0;

  uint64_t closes_behind_join = 0;
  uint64_t closes_expired = 0;
  uint64_t groups_exceeded = 0;
  uint64_t join_deadlines_missed = 0;
  uint64_t terminate_deadlines_missed = 0;
  uint64_t actions_dropped = 0;

  // Adds everything to `metrics` and starts again from zero.
  void Publish(Metrics& metrics);
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_TALLY_H_
