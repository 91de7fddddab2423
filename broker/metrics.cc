#include "broker/metrics.h"

#include <string>

namespace aerie::broker {
namespace {

Counter& Joins(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_joins_total",
                             "Joins by how they were answered.",
                             {{"result", result}});
}

Counter& Dropped(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_messages_dropped_total",
                             "Messages of clients that nobody handled.",
                             {{"cause", cause}});
}

Counter& Closes(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_closes_total",
                             "Sockets that the broker closed.",
                             {{"cause", cause}});
}

Counter& Connects(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_connects_total",
                             "Clients that asked for a socket.",
                             {{"result", result}});
}

Counter& Resumes(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_resumes_total",
                             "Sockets that came from a lost link.",
                             {{"result", result}});
}

Counter& PollOpens(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_poll_opens_total",
                             "Clients that asked for a long poll's session.",
                             {{"result", result}});
}

Counter& PollEnds(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_poll_ends_total",
                             "Sessions of long polls that ended.",
                             {{"cause", cause}});
}

Counter& PollSendsFailed(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_poll_sends_failed_total",
                             "POSTs of long polls that were answered 408.",
                             {{"cause", cause}});
}

Counter& Deadlines(MetricsRegistry& registry, const char* answer) {
  return registry.AddCounter("aerie_broker_host_deadlines_missed_total",
                             "Answers of hosts that did not come in time.",
                             {{"answer", answer}});
}

std::array<Counter*, kExitReasons> Exits(MetricsRegistry& registry) {
  std::array<Counter*, kExitReasons> exits;
  for (int i = 0; i < kExitReasons; ++i) {
    exits[i] = &registry.AddCounter(
        "aerie_broker_exits_total", "Channels that ended.",
        {{"reason", std::string(ExitReasonName(static_cast<ExitReason>(i)))}});
  }
  return exits;
}

std::array<Counter*, kTokenErrors> TokensRefused(MetricsRegistry& registry) {
  std::array<Counter*, kTokenErrors> refused;
  for (int i = 0; i < kTokenErrors; ++i) {
    refused[i] = &registry.AddCounter(
        "aerie_broker_tokens_refused_total",
        "JSON Web Tokens that opened no socket.",
        {{"reason", std::string(TokenErrorName(static_cast<TokenError>(i)))}});
  }
  return refused;
}

std::array<Counter*, kHostEnds> HostEnds(MetricsRegistry& registry) {
  constexpr const char* kCauses[] = {
      "closed", "lost", "hung", "contract", "overflow", "replaced", "refused"};
  static_assert(sizeof(kCauses) / sizeof(kCauses[0]) == kHostEnds);
  std::array<Counter*, kHostEnds> ends;
  for (int i = 0; i < kHostEnds; ++i) {
    ends[i] = &registry.AddCounter("aerie_broker_host_ends_total",
                                   "Streams of attached hosts that ended.",
                                   {{"cause", kCauses[i]}});
  }
  return ends;
}

constexpr const char* kCallbacks[] = {"join", "in",        "out",
                                      "info", "terminate", "connect"};
static_assert(sizeof(kCallbacks) / sizeof(kCallbacks[0]) == kHostCallbacks);

std::array<Counter*, kHostCallbacks> HostCallbacksOf(
    MetricsRegistry& registry) {
  std::array<Counter*, kHostCallbacks> callbacks;
  for (int i = 0; i < kHostCallbacks; ++i) {
    callbacks[i] = &registry.AddCounter("aerie_broker_host_callbacks_total",
                                        "Callbacks given to attached hosts.",
                                        {{"callback", kCallbacks[i]}});
  }
  return callbacks;
}

Histogram& HostSeconds(MetricsRegistry& registry, const char* callback) {
  return registry.AddHistogram(
      "aerie_broker_host_callback_seconds",
      "Time until a callback was answered; of events, a sample.",
      {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30},
      {{"callback", callback}});
}

Counter& TerminatesDropped(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_host_terminates_dropped_total",
                             "Terminates that no host has acknowledged.",
                             {{"cause", cause}});
}

std::array<Counter*, kControlMethods> ControlCalls(MetricsRegistry& registry) {
  constexpr const char* kMethods[] = {
      "Broadcast",  "BroadcastBatch", "BroadcastStream", "Push",
      "Disconnect", "CloseChannel",   "RenewToken",      "ListTopics",
      "GetTopic",   "ListSockets",    "GetSocket",       "ClusterInfo",
      "Watch"};
  static_assert(sizeof(kMethods) / sizeof(kMethods[0]) == kControlMethods);
  std::array<Counter*, kControlMethods> calls;
  for (int i = 0; i < kControlMethods; ++i) {
    calls[i] = &registry.AddCounter("aerie_broker_control_calls_total",
                                    "Calls of Control that began.",
                                    {{"method", kMethods[i]}});
  }
  return calls;
}

std::array<Counter*, kControlErrors> ControlErrors(MetricsRegistry& registry) {
  constexpr const char* kCodes[] = {"invalid_argument",    "not_found",
                                    "failed_precondition", "resource_exhausted",
                                    "unavailable",         "unauthenticated",
                                    "permission_denied",   "other"};
  static_assert(sizeof(kCodes) / sizeof(kCodes[0]) == kControlErrors);
  std::array<Counter*, kControlErrors> errors;
  for (int i = 0; i < kControlErrors; ++i) {
    errors[i] = &registry.AddCounter("aerie_broker_control_errors_total",
                                     "Calls of Control that failed.",
                                     {{"code", kCodes[i]}});
  }
  return errors;
}

Counter& CallsRefused(MetricsRegistry& registry, const char* reason) {
  return registry.AddCounter("aerie_broker_calls_refused_total",
                             "Calls refused for what their client showed.",
                             {{"reason", reason}});
}

Counter& ControlBroadcasts(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_control_broadcasts_total",
                             "Broadcasts of services.", {{"result", result}});
}

Counter& DashboardLooks(MetricsRegistry& registry, const char* result) {
  return registry.AddCounter("aerie_broker_dashboard_looks_total",
                             "What pages of the dashboard wanted to know.",
                             {{"result", result}});
}

Counter& HostConnectsFailed(MetricsRegistry& registry, const char* cause) {
  return registry.AddCounter("aerie_broker_host_connects_failed_total",
                             "Connects that no attached host has decided.",
                             {{"cause", cause}});
}

}  // namespace

Metrics::Metrics(MetricsRegistry& registry)
    : channels(registry.AddGauge("aerie_broker_channels",
                                 "Channels, joined or being joined.")),
      joins_ok(Joins(registry, "ok")),
      joins_refused(Joins(registry, "refused")),
      joins_crashed(Joins(registry, "crashed")),
      joins_unmatched(Joins(registry, "unmatched")),
      joins_over_limit(Joins(registry, "over_limit")),
      joins_unavailable(Joins(registry, "unavailable")),
      joins_unauthorized(Joins(registry, "unauthorized")),
      joins_replacing(registry.AddCounter(
          "aerie_broker_joins_replacing_total",
          "Joins of a topic that the socket had joined already.")),
      exits(Exits(registry)),
      events_in(registry.AddCounter("aerie_broker_events_in_total",
                                    "Events of clients given to channels.")),
      unmatched(registry.AddCounter(
          "aerie_broker_unmatched_total",
          "Messages of clients on a topic that was not joined.")),
      dropped_stale(Dropped(registry, "stale")),
      dropped_leaving(Dropped(registry, "leaving")),
      dropped_closing(Dropped(registry, "closing")),
      replies(registry.AddCounter("aerie_broker_replies_total",
                                  "Answers of channels to events.")),
      pushes(registry.AddCounter("aerie_broker_pushes_total",
                                 "Events of channels to their clients.")),
      broadcasts(registry.AddCounter("aerie_broker_broadcasts_total",
                                     "Events to a topic.")),
      fanouts(
          registry.AddCounter("aerie_broker_fanouts_total",
                              "Broadcasts sent to edges, one for each edge.")),
      intercepted(registry.AddCounter(
          "aerie_broker_intercepted_total",
          "Broadcasts given to a channel that intercepts their event.")),
      disconnects(Closes(registry, "disconnect")),
      closes_behind_join(Closes(registry, "behind_join")),
      closes_expired(Closes(registry, "expired")),
      closes_overloaded(Closes(registry, "overloaded")),
      groups_exceeded(registry.AddCounter(
          "aerie_broker_groups_exceeded_total",
          "Joins that crashed because their topic had too many groups.")),
      join_deadlines_missed(Deadlines(registry, "join")),
      terminate_deadlines_missed(Deadlines(registry, "terminate")),
      actions_dropped(registry.AddCounter(
          "aerie_broker_actions_dropped_total",
          "What hosts did to channels that had ended or had not joined.")),
      inbox_refused(registry.AddCounter(
          "aerie_broker_inbox_refused_total",
          "Posts refused because a shard's inbox was full.")),
      tokens_refused(TokensRefused(registry)),
      grants_renewed(registry.AddCounter(
          "aerie_broker_grants_renewed_total",
          "Sockets whose grant was replaced while they were open.")),
      jwks_reloads(registry.AddCounter("aerie_broker_jwks_reloads_total",
                                       "JWKS files read again.")),
      jwks_reload_errors(
          registry.AddCounter("aerie_broker_jwks_reload_errors_total",
                              "New JWKS files that could not be used.")),
      inbox_bytes(
          registry.AddGauge("aerie_broker_inbox_bytes",
                            "Bytes that waited for the turns in progress.")),
      turn_seconds(registry.AddHistogram(
          "aerie_broker_turn_seconds", "Length of a loop's turn.",
          {0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3,
           1})),
      poll_sessions(registry.AddGauge("aerie_broker_poll_sessions",
                                      "Sessions of long polls.")),
      poll_opens(PollOpens(registry, "opened")),
      poll_opens_refused(PollOpens(registry, "refused")),
      poll_opens_unavailable(PollOpens(registry, "unavailable")),
      poll_ends_inactive(PollEnds(registry, "inactive")),
      poll_ends_slow(PollEnds(registry, "slow_consumer")),
      poll_ends_malformed(PollEnds(registry, "malformed")),
      poll_ends_closed(PollEnds(registry, "closed")),
      poll_messages_given(
          registry.AddCounter("aerie_broker_poll_messages_given_total",
                              "Messages in answers to long polls.")),
      poll_redeliveries(registry.AddCounter(
          "aerie_broker_poll_redeliveries_total",
          "Messages to be given again: their response was not written.")),
      polls_superseded(registry.AddCounter(
          "aerie_broker_polls_superseded_total",
          "Polls answered early: too many of one session.")),
      poll_sends_refused(PollSendsFailed(registry, "too_many")),
      poll_sends_late(PollSendsFailed(registry, "late")),
      draining(registry.AddGauge("aerie_broker_draining",
                                 "1 while the broker sends its edges away.")),
      links(registry.AddGauge("aerie_broker_links", "Edges linked.")),
      links_opened(registry.AddCounter("aerie_broker_links_opened_total",
                                       "Links welcomed.")),
      links_refused(registry.AddCounter("aerie_broker_links_refused_total",
                                        "Links that ended before Welcome.")),
      sockets(registry.AddGauge("aerie_broker_sockets",
                                "Sockets of the edges linked.")),
      connects_opened(Connects(registry, "opened")),
      connects_refused(Connects(registry, "refused")),
      resumes(Resumes(registry, "opened")),
      resumes_refused(Resumes(registry, "refused")),
      strangers_messages(registry.AddCounter(
          "aerie_broker_strangers_messages_total",
          "Messages dropped because their socket is not known.")),
      canaries(registry.AddCounter(
          "aerie_broker_canaries_total",
          "Broadcasts that edges sent themselves through this broker.")),
      link_frames_in(registry.AddCounter("aerie_broker_link_frames_in_total",
                                         "Frames from edges.")),
      link_frames_out(registry.AddCounter("aerie_broker_link_frames_out_total",
                                          "Frames to edges.")),
      link_frames_dropped(
          registry.AddCounter("aerie_broker_link_frames_dropped_total",
                              "Frames for a link that was gone.")),
      link_frames_per_write(registry.AddHistogram(
          "aerie_broker_link_frames_per_write", "Frames in one gRPC message.",
          {1, 2, 4, 8, 16, 64, 256, 1024, 4096})),
      link_outbox_bytes(
          registry.AddGauge("aerie_broker_link_outbox_bytes",
                            "Queued for edges, not yet being written.")),
      link_overflows(
          registry.AddCounter("aerie_broker_link_overflows_total",
                              "Links ended because the edge did not read.")),
      hosts(registry.AddGauge("aerie_broker_hosts", "Hosts attached.")),
      hosts_attached(registry.AddCounter("aerie_broker_hosts_attached_total",
                                         "Hosts that were attached.")),
      host_ends(HostEnds(registry)),
      host_channels(registry.AddGauge(
          "aerie_broker_host_channels",
          "Channels of attached hosts, with those that wait for their "
          "terminate.")),
      host_callbacks(HostCallbacksOf(registry)),
      host_join_seconds(HostSeconds(registry, "join")),
      host_event_seconds(HostSeconds(registry, "event")),
      host_terminate_seconds(HostSeconds(registry, "terminate")),
      host_connect_seconds(HostSeconds(registry, "connect")),
      host_callbacks_in_flight(
          registry.AddGauge("aerie_broker_host_callbacks_in_flight",
                            "Callbacks that attached hosts owe answers to.")),
      host_joins_waiting(
          registry.AddGauge("aerie_broker_host_joins_waiting",
                            "Joins that wait for a credit of their host.")),
      host_joins_not_taken(registry.AddCounter(
          "aerie_broker_host_joins_not_taken_total",
          "Joins answered unavailable because their host had no credit.")),
      host_queues_exceeded(registry.AddCounter(
          "aerie_broker_host_queues_exceeded_total",
          "Channels that crashed because their host did not keep up.")),
      host_answers_dropped(registry.AddCounter(
          "aerie_broker_host_answers_dropped_total",
          "What attached hosts said about channels that had ended.")),
      host_terminates_kept_bytes(
          registry.AddGauge("aerie_broker_host_terminates_kept_bytes",
                            "Terminates that are not acknowledged yet.")),
      host_terminates_redelivered(registry.AddCounter(
          "aerie_broker_host_terminates_redelivered_total",
          "Terminates given to another host than the channel's own.")),
      host_terminates_dropped_bytes(TerminatesDropped(registry, "bytes")),
      host_terminates_dropped_age(TerminatesDropped(registry, "age")),
      host_patterns_forgotten(
          registry.AddCounter("aerie_broker_host_patterns_forgotten_total",
                              "Patterns that had no host for too long.")),
      host_connects_late(HostConnectsFailed(registry, "late")),
      host_connects_lost(HostConnectsFailed(registry, "lost")),
      host_connects_not_taken(HostConnectsFailed(registry, "not_taken")),
      host_reader_pauses(registry.AddCounter(
          "aerie_broker_host_reader_pauses_total",
          "Times a host was not read until shards had caught up.")),
      host_frames_in(registry.AddCounter("aerie_broker_host_frames_in_total",
                                         "Frames from attached hosts.")),
      host_frames_out(registry.AddCounter("aerie_broker_host_frames_out_total",
                                          "Frames to attached hosts.")),
      host_frames_dropped(
          registry.AddCounter("aerie_broker_host_frames_dropped_total",
                              "Frames for a host that was gone.")),
      host_frames_per_write(registry.AddHistogram(
          "aerie_broker_host_frames_per_write", "Frames in one gRPC message.",
          {1, 2, 4, 8, 16, 64, 256, 1024, 4096})),
      host_outbox_bytes(
          registry.AddGauge("aerie_broker_host_outbox_bytes",
                            "Queued for hosts, not yet being written.")),
      host_overflows(
          registry.AddCounter("aerie_broker_host_overflows_total",
                              "Hosts that did not read what they were sent.")),
      calls_unauthenticated(CallsRefused(registry, "unauthenticated")),
      calls_forbidden(CallsRefused(registry, "scope_missing")),
      service_token_reloads(registry.AddCounter(
          "aerie_broker_service_token_reloads_total",
          "Times files of service tokens were read again.")),
      service_token_reload_errors(registry.AddCounter(
          "aerie_broker_service_token_reload_errors_total",
          "New files of service tokens that could not be used.")),
      tls_reloads(registry.AddCounter("aerie_broker_tls_reloads_total",
                                      "Certificates read again.")),
      tls_reload_errors(
          registry.AddCounter("aerie_broker_tls_reload_errors_total",
                              "New certificates that could not be used.")),
      control_calls(ControlCalls(registry)),
      control_errors(ControlErrors(registry)),
      control_calls_in_flight(
          registry.AddGauge("aerie_broker_control_calls_in_flight",
                            "Calls of Control under way, but for streams.")),
      control_broadcasts_sent(ControlBroadcasts(registry, "sent")),
      control_broadcasts_repeated(ControlBroadcasts(registry, "repeated")),
      control_broadcasts_failed(ControlBroadcasts(registry, "failed")),
      idempotency_keys_evicted(registry.AddCounter(
          "aerie_broker_idempotency_keys_evicted_total",
          "Idempotency keys forgotten early: there were too many.")),
      broadcast_streams(registry.AddGauge("aerie_broker_broadcast_streams",
                                          "Streams of broadcasts.")),
      broadcast_stream_pauses(registry.AddCounter(
          "aerie_broker_broadcast_stream_pauses_total",
          "Times a stream was not read until shards had caught up.")),
      watchers(registry.AddGauge("aerie_broker_watchers", "Watch calls.")),
      watch_queue_bytes(
          registry.AddGauge("aerie_broker_watch_queue_bytes",
                            "Events queued for watchers, not yet being "
                            "written.")),
      watch_events_lost(
          registry.AddCounter("aerie_broker_watch_events_lost_total",
                              "Events that watchers did not read in time.")),
      dashboard_asked(DashboardLooks(registry, "asked")),
      dashboard_shared(DashboardLooks(registry, "shared")),
      dashboard_refused(DashboardLooks(registry, "refused")),
      dashboard_late(DashboardLooks(registry, "late")),
      admin_connections_refused(registry.AddCounter(
          "aerie_broker_admin_connections_refused_total",
          "Connections to the admin port beyond what it serves at once.")) {}

}  // namespace aerie::broker
