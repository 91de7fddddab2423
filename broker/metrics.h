#ifndef AERIE_BROKER_METRICS_H_
#define AERIE_BROKER_METRICS_H_

#include <array>

#include "broker/auth/token_error.h"
#include "broker/channel/exit_reason.h"
#include "common/metrics.h"

namespace aerie::broker {

// Every metric of the broker. Any thread.
class Metrics {
 public:
  explicit Metrics(MetricsRegistry& registry);

  // Channels.
  Gauge& channels;
  Counter& joins_ok;
  Counter& joins_refused;
  Counter& joins_crashed;
  Counter& joins_unmatched;
  Counter& joins_over_limit;
  Counter& joins_unavailable;
  Counter& joins_unauthorized;
  Counter& joins_replacing;
  std::array<Counter*, kExitReasons> exits;

  // Messages.
  Counter& events_in;
  Counter& unmatched;
  Counter& dropped_stale;
  Counter& dropped_leaving;
  Counter& dropped_closing;
  Counter& replies;
  Counter& pushes;
  Counter& broadcasts;
  Counter& fanouts;
  Counter& intercepted;
  Counter& disconnects;

  // What a bound or a deadline has cut off.
  Counter& closes_behind_join;
  Counter& closes_expired;
  Counter& closes_overloaded;
  Counter& groups_exceeded;
  Counter& join_deadlines_missed;
  Counter& terminate_deadlines_missed;
  Counter& actions_dropped;
  Counter& inbox_refused;

  // Tokens (broker/auth).
  std::array<Counter*, kTokenErrors> tokens_refused;
  Counter& grants_renewed;
  Counter& jwks_reloads;
  Counter& jwks_reload_errors;

  // Loops.
  Gauge& inbox_bytes;
  Histogram& turn_seconds;

  // Edges (broker/rpc).
  Gauge& links;
  Counter& links_opened;
  Counter& links_refused;
  Gauge& sockets;
  Counter& connects_opened;
  Counter& connects_refused;
  Counter& resumes;
  Counter& resumes_refused;
  Counter& strangers_messages;
  Counter& link_frames_in;
  Counter& link_frames_out;
  Counter& link_frames_dropped;
  Histogram& link_frames_per_write;
  Gauge& link_outbox_bytes;
  Counter& link_overflows;

  // The admin port.
  Counter& admin_connections_refused;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_METRICS_H_
