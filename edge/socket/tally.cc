#include "edge/socket/tally.h"

namespace aerie::edge {
namespace {

struct Count {
  uint64_t count;
  Counter& counter;
};

struct Change {
  int64_t change;
  Gauge& gauge;
};

}  // namespace

void Tally::Publish(Metrics& metrics) {
  const Count counts[] = {
      {messages_in, metrics.messages_in},
      {messages_out, metrics.messages_out},
      {heartbeats, metrics.heartbeats},
      {fanouts, metrics.fanouts},
      {deliveries, metrics.deliveries},
      {encode_skips, metrics.encode_skips},
      {pauses, metrics.pauses},
      {resumes, metrics.resumes},
      {polls, metrics.polls},
      {poll_sends, metrics.poll_sends},
      {polls_without_link, metrics.polls_without_link},
      {polls_draining, metrics.polls_draining},
      {polls_paced, metrics.polls_paced},
      {joins_without_link, metrics.joins_without_link},
      {joins_paced, metrics.joins_paced},
      {joins_cut_off, metrics.joins_cut_off},
      {closes_malformed, metrics.closes_malformed},
      {closes_join_too_long, metrics.closes_join_too_long},
      {closes_joins_pending, metrics.closes_joins_pending},
      {closes_by_broker, metrics.closes_by_broker},
      {closes_drained, metrics.closes_drained},
      {connects_opened, metrics.connects_opened},
      {connects_refused_by_broker, metrics.connects_refused_by_broker},
      {connects_without_link, metrics.connects_without_link},
      {connects_draining, metrics.connects_draining},
      {connects_over_limit, metrics.connects_over_limit},
      {connects_paced, metrics.connects_paced},
      {connects_timed_out, metrics.connects_timed_out},
  };
  for (const Count& each : counts) {
    if (each.count > 0) each.counter.Increment(static_cast<double>(each.count));
  }
  const Change changes[] = {
      {sockets, metrics.sockets},
      {sockets_paused, metrics.sockets_paused},
      {polls_open, metrics.polls_open},
  };
  for (const Change& each : changes) {
    if (each.change > 0) each.gauge.Increment(static_cast<double>(each.change));
    if (each.change < 0)
      each.gauge.Decrement(static_cast<double>(-each.change));
  }
  *this = Tally();
}

}  // namespace aerie::edge
