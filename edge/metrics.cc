#include "edge/metrics.h"

namespace aerie::edge {
namespace {

// One counter for each value of a label.
template <size_t kCount>
std::array<Counter*, kCount> AddCounters(
    MetricsRegistry& registry, const char* name, const char* help,
    const char* label, const std::array<const char*, kCount>& values) {
  std::array<Counter*, kCount> counters;
  for (size_t i = 0; i < kCount; ++i) {
    counters[i] = &registry.AddCounter(name, help, {{label, values[i]}});
  }
  return counters;
}

constexpr std::array<const char*, 4> kStatusClasses = {"2xx", "3xx", "4xx",
                                                       "5xx"};

}  // namespace

Metrics::Metrics(MetricsRegistry& registry)
    : sockets(registry.AddGauge("aerie_edge_sockets", "Open sockets.")),
      sockets_paused(registry.AddGauge("aerie_edge_sockets_paused",
                                       "Sockets not read because the broker "
                                       "has yet to take what they sent.")),
      messages_in(
          registry.AddCounter("aerie_edge_messages_in_total",
                              "Messages of clients, heartbeats included.")),
      messages_out(registry.AddCounter("aerie_edge_messages_out_total",
                                       "Messages to one client each.")),
      heartbeats(registry.AddCounter("aerie_edge_heartbeats_total",
                                     "Heartbeats answered.")),
      fanouts(registry.AddCounter("aerie_edge_fanouts_total",
                                  "Broadcasts applied, on each io thread.")),
      deliveries(registry.AddCounter("aerie_edge_deliveries_total",
                                     "Frames of broadcasts sent to clients.")),
      encode_skips(registry.AddCounter(
          "aerie_edge_encode_skips_total",
          "Messages that a client's dialect cannot carry.")),
      pauses(registry.AddCounter(
          "aerie_edge_pauses_total",
          "Times a socket was not read on for want of credit.")),
      resumes(registry.AddCounter("aerie_edge_resumes_total",
                                  "Sockets taken over by another link.")),
      polls_open(registry.AddGauge(
          "aerie_edge_polls_open",
          "Requests of long polls that are not answered in full.")),
      polls(registry.AddCounter("aerie_edge_polls_total",
                                "Requests of long polls to the broker.",
                                {{"method", "get"}})),
      poll_sends(registry.AddCounter("aerie_edge_polls_total",
                                     "Requests of long polls to the broker.",
                                     {{"method", "post"}})),
      polls_without_link(registry.AddCounter(
          "aerie_edge_polls_unavailable_total",
          "Long polls that the edge answered 503 by itself.",
          {{"cause", "no_link"}})),
      polls_draining(registry.AddCounter(
          "aerie_edge_polls_unavailable_total",
          "Long polls that the edge answered 503 by itself.",
          {{"cause", "draining"}})),
      polls_paced(registry.AddCounter(
          "aerie_edge_polls_unavailable_total",
          "Long polls that the edge answered 503 by itself.",
          {{"cause", "paced"}})),
      joins_without_link(registry.AddCounter(
          "aerie_edge_joins_unavailable_total",
          "Joins that the edge answered unavailable by itself.",
          {{"cause", "no_link"}})),
      joins_paced(registry.AddCounter(
          "aerie_edge_joins_unavailable_total",
          "Joins that the edge answered unavailable by itself.",
          {{"cause", "paced"}})),
      joins_cut_off(registry.AddCounter(
          "aerie_edge_joins_unavailable_total",
          "Joins that the edge answered unavailable by itself.",
          {{"cause", "link_lost"}})),
      closes_malformed(
          registry.AddCounter("aerie_edge_closes_total",
                              "Connections that the edge ended, by cause.",
                              {{"cause", "malformed"}})),
      closes_join_too_long(
          registry.AddCounter("aerie_edge_closes_total",
                              "Connections that the edge ended, by cause.",
                              {{"cause", "join_too_long"}})),
      closes_joins_pending(
          registry.AddCounter("aerie_edge_closes_total",
                              "Connections that the edge ended, by cause.",
                              {{"cause", "joins_pending"}})),
      closes_by_broker(registry.AddCounter(
          "aerie_edge_closes_total",
          "Connections that the edge ended, by cause.", {{"cause", "broker"}})),
      closes_drained(registry.AddCounter(
          "aerie_edge_closes_total",
          "Connections that the edge ended, by cause.", {{"cause", "drain"}})),
      draining(registry.AddGauge("aerie_edge_draining",
                                 "1 while the edge sends its clients away.")),
      connects_opened(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "opened"}})),
      connects_refused_by_broker(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "refused"}})),
      connects_without_link(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "no_link"}})),
      connects_draining(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "draining"}})),
      connects_over_limit(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "over_limit"}})),
      connects_paced(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "paced"}})),
      connects_timed_out(
          registry.AddCounter("aerie_edge_connects_total",
                              "Answers to clients that asked for a socket.",
                              {{"result", "timed_out"}})),
      link_up(registry.AddGauge("aerie_edge_link_up",
                                "1 while a broker has welcomed this edge.")),
      links_opened(registry.AddCounter("aerie_edge_links_opened_total",
                                       "Links that a broker welcomed.")),
      links_lost(registry.AddCounter("aerie_edge_links_lost_total",
                                     "Links that ended without a Drain.")),
      link_attempts_failed(
          registry.AddCounter("aerie_edge_link_attempts_failed_total",
                              "Attempts to link that got no Welcome.")),
      link_drains(registry.AddCounter("aerie_edge_link_drains_total",
                                      "Links ended by a broker that exits.")),
      link_frames_in(registry.AddCounter("aerie_edge_link_frames_in_total",
                                         "Frames from brokers.")),
      link_frames_out(registry.AddCounter("aerie_edge_link_frames_out_total",
                                          "Frames to brokers.")),
      link_frames_dropped(
          registry.AddCounter("aerie_edge_link_frames_dropped_total",
                              "Frames for a link that was gone.")),
      link_frames_per_write(registry.AddHistogram(
          "aerie_edge_link_frames_per_write", "Frames in one gRPC message.",
          {1, 2, 4, 8, 16, 64, 256, 1024, 4096})),
      link_outbox_bytes(
          registry.AddGauge("aerie_edge_link_outbox_bytes",
                            "Queued for the broker, not yet being written.")),
      link_overflows(
          registry.AddCounter("aerie_edge_link_overflows_total",
                              "Links ended because the broker did not read.")),
      thread_inbox_bytes(registry.AddGauge(
          "aerie_edge_thread_inbox_bytes",
          "Batches posted to io threads and not yet applied there.")),
      link_reader_pauses(registry.AddCounter(
          "aerie_edge_link_reader_pauses_total",
          "Times the link was not read for a thread's full inbox.")),
      canary(registry.AddHistogram(
          "aerie_edge_canary_seconds",
          "Time of a broadcast from the edge through the broker and back.",
          {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
           10, 30})),
      canary_lag(registry.AddGauge(
          "aerie_edge_canary_lag_seconds",
          "Time since a canary came back, on the slowest io thread.")),
      connections(registry.AddGauge("aerie_edge_connections",
                                    "Open TCP connections of clients.")),
      connections_accepted(
          registry.AddCounter("aerie_edge_connections_accepted_total",
                              "TCP connections of clients.")),
      connections_over_limit(registry.AddCounter(
          "aerie_edge_connections_over_limit_total",
          "TCP connections ended at once: there were too many.")),
      accept_errors(registry.AddCounter(
          "aerie_edge_accept_errors_total",
          "Failures to accept, such as no file descriptor left.")),
      bytes_in(registry.AddCounter("aerie_edge_bytes_in_total",
                                   "Bytes from clients, inside TLS.")),
      bytes_out(registry.AddCounter("aerie_edge_bytes_out_total",
                                    "Bytes to clients, inside TLS.")),
      requests_timed_out(registry.AddCounter(
          "aerie_edge_requests_timed_out_total",
          "Connections ended because no request came in time.")),
      bodies_over_limit(registry.AddCounter(
          "aerie_edge_bodies_over_limit_total",
          "Requests answered 503: too many bodies were coming in.")),
      responses(AddCounters(registry, "aerie_edge_http_responses_total",
                            "HTTP responses, upgrades not included.", "status",
                            kStatusClasses)),
      upgrades(registry.AddCounter("aerie_edge_upgrades_total",
                                   "Connections that became WebSockets.")),
      upgrades_refused(
          AddCounters(registry, "aerie_edge_upgrades_refused_total",
                      "Handshakes and long polls that were refused, by cause.",
                      "cause", kRefusalCauses)),
      connections_closed(
          AddCounters(registry, "aerie_edge_transport_closes_total",
                      "WebSockets that the transport ended, by cause.", "cause",
                      kCloseCauses)),
      fanout_seconds(registry.AddHistogram(
          "aerie_edge_fanout_seconds",
          "From the first frame that a turn queues for clients to the last one "
          "written.",
          {0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3,
           1})),
      write_queue_bytes(registry.AddGauge("aerie_edge_write_queue_bytes",
                                          "Queued for clients.")),
      write_queue_bytes_dropped(registry.AddCounter(
          "aerie_edge_write_queue_bytes_dropped_total",
          "Queued for clients that did not read, and dropped.")),
      tls_reloads(registry.AddCounter("aerie_edge_tls_reloads_total",
                                      "Certificates read again.")),
      tls_reload_errors(
          registry.AddCounter("aerie_edge_tls_reload_errors_total",
                              "New certificates that could not be used.")),
      admin_connections_refused(registry.AddCounter(
          "aerie_edge_admin_connections_refused_total",
          "Connections to the admin port over its limit.")) {}

}  // namespace aerie::edge
