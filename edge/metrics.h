#ifndef AERIE_EDGE_METRICS_H_
#define AERIE_EDGE_METRICS_H_

#include <array>

#include "common/metrics.h"
#include "edge/causes.h"

namespace aerie::edge {

// Every metric of the edge. Any thread.
class Metrics {
 public:
  explicit Metrics(MetricsRegistry& registry);

  // The sockets (edge/socket), some ten times a second.
  Gauge& sockets;
  Gauge& sockets_paused;
  Counter& messages_in;
  Counter& messages_out;
  Counter& heartbeats;
  Counter& fanouts;
  Counter& deliveries;
  Counter& encode_skips;
  Counter& pauses;
  Counter& resumes;
  Gauge& polls_open;
  Counter& polls;
  Counter& poll_sends;
  Counter& polls_without_link;
  Counter& polls_draining;
  Counter& polls_paced;
  Counter& joins_without_link;
  Counter& joins_paced;
  Counter& joins_cut_off;
  Counter& closes_malformed;
  Counter& closes_join_too_long;
  Counter& closes_joins_pending;
  Counter& closes_by_broker;
  Counter& closes_drained;
  Gauge& draining;
  Counter& connects_opened;
  Counter& connects_refused_by_broker;
  Counter& connects_without_link;
  Counter& connects_draining;
  Counter& connects_over_limit;
  Counter& connects_paced;
  Counter& connects_timed_out;

  // The link to the broker (edge/link).
  Gauge& link_up;
  Counter& links_opened;
  Counter& links_lost;
  Counter& link_attempts_failed;
  Counter& link_drains;
  Counter& link_frames_in;
  Counter& link_frames_out;
  Counter& link_frames_dropped;
  Histogram& link_frames_per_write;
  Gauge& link_outbox_bytes;
  Counter& link_overflows;
  Gauge& thread_inbox_bytes;
  Counter& link_reader_pauses;
  Histogram& canary;
  Gauge& canary_lag;  // Set when it is looked at.

  // Clients' connections (edge/transport).
  Gauge& connections;
  Counter& connections_accepted;
  Counter& connections_over_limit;
  Counter& accept_errors;
  Counter& bytes_in;
  Counter& bytes_out;
  Counter& requests_timed_out;
  Counter& bodies_over_limit;
  std::array<Counter*, 4> responses;  // 2xx, 3xx, 4xx, 5xx.
  Counter& upgrades;
  std::array<Counter*, kRefusalCauses.size()> upgrades_refused;
  std::array<Counter*, kCloseCauses.size()> connections_closed;
  Histogram& fanout_seconds;
  Gauge& write_queue_bytes;
  Counter& write_queue_bytes_dropped;
  Counter& tls_reloads;
  Counter& tls_reload_errors;

  // The admin port.
  Counter& admin_connections_refused;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_METRICS_H_
