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
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_LIMITS_H_
