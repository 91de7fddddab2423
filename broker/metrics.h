#ifndef AERIE_BROKER_METRICS_H_
#define AERIE_BROKER_METRICS_H_

#include <array>

#include "broker/auth/token_error.h"
#include "broker/channel/exit_reason.h"
#include "common/metrics.h"

namespace aerie::broker {

// Why the stream of an attached host ended.
enum class HostEnd {
  kClosed,    // By the host.
  kLost,      // The connection broke.
  kHung,      // It answered nothing for too long.
  kContract,  // It said what no host may say.
  kOverflow,  // It does not read.
  kReplaced,  // The same process has attached again.
  kRefused,   // Before it was attached.
};
inline constexpr int kHostEnds = static_cast<int>(HostEnd::kRefused) + 1;

// What an attached host is asked. Phoenix: join, handle_in, handle_out,
// handle_info, terminate, connect.
enum class HostCallback { kJoin, kIn, kOut, kInfo, kTerminate, kConnect };
inline constexpr int kHostCallbacks =
    static_cast<int>(HostCallback::kConnect) + 1;

// What services call.
enum class ControlMethod {
  kBroadcast,
  kBroadcastBatch,
  kBroadcastStream,
  kPush,
  kDisconnect,
  kCloseChannel,
  kRenewToken,
  kListTopics,
  kGetTopic,
  kListSockets,
  kGetSocket,
  kClusterInfo,
  kWatch,
};
inline constexpr int kControlMethods =
    static_cast<int>(ControlMethod::kWatch) + 1;

// How their calls fail, by gRPC's code; the last one stands for all others.
enum class ControlError {
  kInvalidArgument,
  kNotFound,
  kFailedPrecondition,
  kResourceExhausted,
  kUnavailable,
  kUnauthenticated,
  kPermissionDenied,
  kOther,
};
inline constexpr int kControlErrors =
    static_cast<int>(ControlError::kOther) + 1;

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

  // Long polls (broker/poll).
  Gauge& poll_sessions;
  Counter& poll_opens;
  Counter& poll_opens_refused;
  Counter& poll_opens_unavailable;
  Counter& poll_ends_inactive;
  Counter& poll_ends_slow;
  Counter& poll_ends_malformed;
  Counter& poll_ends_closed;
  Counter& poll_messages_given;
  Counter& poll_redeliveries;
  Counter& polls_superseded;
  Counter& poll_sends_refused;
  Counter& poll_sends_late;

  // Edges (broker/rpc).
  Gauge& draining;
  Gauge& links;
  Counter& links_opened;
  Counter& links_refused;
  Gauge& sockets;
  Counter& connects_opened;
  Counter& connects_refused;
  Counter& resumes;
  Counter& resumes_refused;
  Counter& strangers_messages;
  Counter& canaries;
  Counter& link_frames_in;
  Counter& link_frames_out;
  Counter& link_frames_dropped;
  Histogram& link_frames_per_write;
  Gauge& link_outbox_bytes;
  Counter& link_overflows;

  // Attached hosts (broker/hosts/attached).
  Gauge& hosts;
  Counter& hosts_attached;
  std::array<Counter*, kHostEnds> host_ends;
  Gauge& host_channels;
  std::array<Counter*, kHostCallbacks> host_callbacks;
  Histogram& host_join_seconds;
  Histogram& host_event_seconds;
  Histogram& host_terminate_seconds;
  Histogram& host_connect_seconds;
  Gauge& host_callbacks_in_flight;
  Gauge& host_joins_waiting;
  Counter& host_joins_not_taken;
  Counter& host_queues_exceeded;
  Counter& host_answers_dropped;
  Gauge& host_terminates_kept_bytes;
  Counter& host_terminates_redelivered;
  Counter& host_terminates_dropped_bytes;
  Counter& host_terminates_dropped_age;
  Counter& host_patterns_forgotten;
  Counter& host_connects_late;
  Counter& host_connects_lost;
  Counter& host_connects_not_taken;
  Counter& host_reader_pauses;
  Counter& host_frames_in;
  Counter& host_frames_out;
  Counter& host_frames_dropped;
  Histogram& host_frames_per_write;
  Gauge& host_outbox_bytes;
  Counter& host_overflows;

  // Who may call (broker/auth).
  Counter& calls_unauthenticated;
  Counter& calls_forbidden;
  Counter& service_token_reloads;
  Counter& service_token_reload_errors;
  Counter& tls_reloads;
  Counter& tls_reload_errors;

  // Services (broker/control).
  std::array<Counter*, kControlMethods> control_calls;
  std::array<Counter*, kControlErrors> control_errors;
  Gauge& control_calls_in_flight;
  Counter& control_broadcasts_sent;
  Counter& control_broadcasts_repeated;
  Counter& control_broadcasts_failed;
  Counter& idempotency_keys_evicted;
  Gauge& broadcast_streams;
  Counter& broadcast_stream_pauses;
  Gauge& watchers;
  Gauge& watch_queue_bytes;
  Counter& watch_events_lost;

  // The dashboard (broker/dashboard).
  Counter& dashboard_asked;
  Counter& dashboard_shared;
  Counter& dashboard_refused;
  Counter& dashboard_late;

  // The admin port.
  Counter& admin_connections_refused;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_METRICS_H_
