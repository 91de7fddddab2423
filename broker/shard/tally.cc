#include "broker/shard/tally.h"

namespace aerie::broker {
namespace {

void Add(uint64_t count, Counter& counter) {
  if (count != 0) counter.Increment(static_cast<double>(count));
}

}  // namespace

void Tally::Publish(Metrics& metrics) {
  if (channels != 0) metrics.channels.Increment(static_cast<double>(channels));
  Add(joins_ok, metrics.joins_ok);
  Add(joins_refused, metrics.joins_refused);
  Add(joins_crashed, metrics.joins_crashed);
  Add(joins_unmatched, metrics.joins_unmatched);
  Add(joins_over_limit, metrics.joins_over_limit);
  Add(joins_unavailable, metrics.joins_unavailable);
  Add(joins_unauthorized, metrics.joins_unauthorized);
  Add(joins_replacing, metrics.joins_replacing);
  for (int i = 0; i < kExitReasons; ++i) Add(exits[i], *metrics.exits[i]);
  Add(events_in, metrics.events_in);
  Add(unmatched, metrics.unmatched);
  Add(dropped_stale, metrics.dropped_stale);
  Add(dropped_leaving, metrics.dropped_leaving);
  Add(dropped_closing, metrics.dropped_closing);
  Add(replies, metrics.replies);
  Add(pushes, metrics.pushes);
  Add(broadcasts, metrics.broadcasts);
  Add(fanouts, metrics.fanouts);
  Add(intercepted, metrics.intercepted);
  Add(disconnects, metrics.disconnects);
  Add(closes_behind_join, metrics.closes_behind_join);
  Add(closes_expired, metrics.closes_expired);
  Add(groups_exceeded, metrics.groups_exceeded);
  Add(join_deadlines_missed, metrics.join_deadlines_missed);
  Add(terminate_deadlines_missed, metrics.terminate_deadlines_missed);
  Add(actions_dropped, metrics.actions_dropped);
  *this = Tally();
}

}  // namespace aerie::broker
