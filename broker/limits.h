#ifndef AERIE_BROKER_LIMITS_H_
#define AERIE_BROKER_LIMITS_H_

#include <cstdint>

namespace aerie::broker {

// Every bound of the broker process. Each has a counter in broker/metrics.h,
// and those that operators may change are keys of the broker's configuration.
struct Limits {
  // Topics joined or being joined by one socket; Phoenix's default. Then: the
  // join is answered `too many channels joined`.
  uint32_t channels_per_socket_max = 100;
  // Frames of a socket for one topic behind a pending join. Then: 1008.
  uint32_t frames_behind_join_max = 64;
  // Their bytes; the frame that passes it still waits. Then: 1008.
  uint64_t bytes_behind_join_max = 1 << 20;
  // Sets of intercepted events per topic, the empty one included. Then: the
  // join crashes.
  uint32_t groups_per_topic_max = 16;
  // Queued for one shard. Then: the sockets that fill it are closed, 1013.
  uint64_t shard_inbox_bytes_max = 64 << 20;
  // Queued for one edge. Then: its link ends, RESOURCE_EXHAUSTED.
  uint64_t link_outbox_bytes_max = 64 << 20;
  // A host's answer to join, below the clients' 10 s. Then: `join crashed`.
  uint32_t join_deadline_ms = 9'000;
  // Each of: Left, TerminateAck. Then: the shard goes on alone.
  uint32_t terminate_deadline_ms = 5'000;
  // Before a grant expires, `token_expiring` is pushed on each joined topic.
  uint32_t grant_notice_ms = 30'000;
  // From the expiry of a grant on, to renew it. Then: 1008.
  uint32_t grant_grace_ms = 10'000;
  // A client's token. Then: refused, 403.
  uint32_t token_bytes_max = 8 << 10;
  // Topics and prefixes that one token allows. Then: refused, 403.
  uint32_t grant_topics_max = 256;
  // A JWKS file, and its keys. Then: it is not taken, and the old keys stay.
  uint32_t jwks_bytes_max = 1 << 20;
  uint32_t jwks_keys_max = 256;
  // Authenticated bytes that an edge keeps per socket. Then: refused, 500.
  uint32_t resume_blob_bytes_max = 4 << 10;
  // A payload from a host or a service. Then: the call or channel fails.
  uint64_t max_frame_size = 10'000'000;
  // One gRPC message.
  uint32_t link_message_bytes_max = 16 << 20;

  // How long a long poll waits for something to give. Then: it is answered
  // without. A session ends one and a half to three times as long after the
  // last poll.
  uint32_t poll_window_ms = 10'000;
  // Sessions of long polls. Then: 503.
  uint32_t poll_sessions_max = 100'000;
  // What waits in one of them for the next poll. Then: it ends.
  uint64_t poll_session_bytes_max = 1 << 20;
  // Polls of one session at once. Then: the oldest is answered without.
  uint32_t polls_per_session_max = 8;
  // Its POSTs that wait for one another, and their bytes. Then: 408.
  uint32_t poll_sends_max = 16;
  uint64_t poll_sends_bytes_max = 10'000'000;

  // Attached hosts. Then: RESOURCE_EXHAUSTED.
  uint32_t hosts_max = 256;
  // Patterns that are known, with a host or without. Then: the one that has
  // been without for the longest time is forgotten, or RESOURCE_EXHAUSTED.
  uint32_t host_patterns_max = 1'024;
  // How long a pattern is known without a host. Then: its joins are unmatched.
  uint32_t host_pattern_ttl_ms = 24 * 60 * 60 * 1000;
  // Callbacks that one host may have unanswered, whatever it asks for.
  uint32_t host_capacity_max = 65'536;
  // Joins that wait for a credit of one host. Then: `unavailable`.
  uint32_t host_joins_waiting_max = 4'096;
  // How long each of them waits, at most nine tenths of join_deadline_ms. Then:
  // the same.
  uint32_t host_join_wait_ms = 5'000;
  // Events of one channel that wait for a credit. Then: the channel crashes.
  uint32_t host_channel_queue_max = 64;
  // Without any answer while some is owed. Then: DEADLINE_EXCEEDED.
  uint32_t host_hang_ms = 30'000;
  // Queued for one host. Then: RESOURCE_EXHAUSTED.
  uint64_t host_outbox_bytes_max = 64 << 20;
  // What a host has said and shards have not taken. Then: it is not read.
  uint64_t host_inbox_bytes_max = 8 << 20;
  // Terminates that wait for a host, for each pattern. Then: dropped.
  uint64_t host_terminates_bytes_max = 64 << 20;
  // How long each of them is kept. Then: dropped.
  uint32_t host_terminate_ttl_ms = 10 * 60 * 1000;
  // A host's assigns of one channel. Then: INVALID_ARGUMENT.
  uint32_t host_assigns_bytes_max = 64 << 10;
  // A host's answer to Connect. Then: the client is refused with 503.
  uint32_t host_connect_deadline_ms = 5'000;
  // Connects that wait for a host's credit. Then: 503.
  uint32_t host_connects_waiting_max = 4'096;

  // Control. Keys of broadcasts that each shard remembers, and for how long.
  // Then: the oldest is forgotten.
  uint32_t idempotency_keys_max = 100'000;
  uint32_t idempotency_ttl_ms = 5 * 60 * 1000;
  // Calls under way, streams not counted. Then: RESOURCE_EXHAUSTED.
  uint32_t control_calls_max = 4'096;
  // Broadcasts of one stream that are not acknowledged. Then:
  // RESOURCE_EXHAUSTED.
  uint32_t broadcast_stream_credit = 4'096;
  // Their bytes. Then: the stream is not read until shards have taken some.
  uint64_t broadcast_stream_bytes_max = 8 << 20;
  // Streams of broadcasts. Then: RESOURCE_EXHAUSTED.
  uint32_t broadcast_streams_max = 1'024;
  // Those who watch. Then: RESOURCE_EXHAUSTED.
  uint32_t watchers_max = 256;
  // What one of them has yet to read. Then: events are lost, and counted.
  uint64_t watch_queue_bytes_max = 4 << 20;

  // The dashboard. How long an answer of shards or edges is given to others who
  // ask the same, and how many are kept. Then: asked again; the oldest goes.
  uint32_t dashboard_keep_ms = 1'000;
  // The same for what looks at every topic.
  uint32_t dashboard_scan_keep_ms = 3'000;
  uint32_t dashboard_answers_max = 64;
  // What may be asked of them in a second; a look at every topic counts as
  // eight. Then: 429.
  uint32_t dashboard_looks_per_second = 40;
  // Under way at once. Then: 429.
  uint32_t dashboard_looks_max = 16;
  // Requests that wait for them: fewer than the port has connections, for
  // probes to find one. Then: 429.
  uint32_t dashboard_waiting_max = 32;
  // How long a page waits for one. Then: 503.
  uint32_t dashboard_look_deadline_ms = 5'000;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_LIMITS_H_
