#ifndef AERIE_EDGE_LIMITS_H_
#define AERIE_EDGE_LIMITS_H_

#include <cstdint>

namespace aerie::edge {

// Every bound of the edge process. Each has a counter in edge/metrics.h, and
// those that operators may change are keys of the edge's configuration.
struct Limits {
  // One WebSocket message, fragments and inflated bytes together. Then: 1009.
  uint64_t max_frame_size = 10'000'000;
  // What waits behind the frame being written. Then: 1008, reset 2 s later.
  uint64_t socket_queue_bytes_max = 1 << 20;
  // What a socket may have on its way to shards. Then: it is not read.
  uint32_t socket_in_flight_frames_max = 64;
  uint64_t socket_in_flight_bytes_max = 256 << 10;
  // Inbound silence of a client. Then: 1002. Founding sockets have none.
  uint32_t idle_timeout_ms = 60'000;
  // From accept to a complete request, TLS handshake included. Then: closed.
  uint32_t request_timeout_ms = 10'000;
  // Request line and headers. Then: 431.
  uint32_t request_header_bytes_max = 16 << 10;
  // Body of a long poll's POST. Then: 400.
  uint32_t poll_body_bytes_max = 8'000'000;
  // Body of any other request. Then: 413.
  uint32_t request_body_bytes_max = 64 << 10;
  // Bodies that are coming in, of the process. Then: 503.
  uint64_t request_bodies_bytes_max = 128 << 20;
  // The broker's answer to a long poll, far beyond its window. Then: 503.
  uint32_t poll_timeout_ms = 120'000;
  // The broker's answer to Connect. Then: 503.
  uint32_t connect_timeout_ms = 10'000;
  // Between our close frame and a TCP reset.
  uint32_t close_timeout_ms = 2'000;
  // Sockets and requests of the process; 0: what the file limit allows.
  uint32_t connections_max = 0;
  // Upgrades that wait for the broker's answer. Then: 503.
  uint32_t connects_pending_max = 10'000;
  // Clients a second that may ask for a socket or a session, and as many at
  // once; 0: no limit. Then: 503.
  uint32_t connects_per_second = 1'000;
  // Posted to one io thread by the link's reader. Then: the reader waits.
  uint64_t thread_inbox_bytes_max = 16 << 20;
  // Queued for the broker. Then: the link ends.
  uint64_t link_outbox_bytes_max = 64 << 20;
  // Joins per second and edge while a relink's storm lasts. Then: unavailable.
  uint32_t relink_joins_per_second = 1'000;
  // From one canary (edge/socket/canary.h) to the next.
  uint32_t canary_interval_ms = 1'000;
  // Since an io thread has heard one. Then: not ready.
  uint32_t canary_silence_ms = 30'000;
  // From a relink to the end of its storm.
  uint32_t relink_storm_ms = 60'000;
  // Topic, ref and join_ref of a join: they are remembered as long as its
  // channel. Then: 1009.
  uint32_t join_names_bytes_max = 16 << 10;
  // The same of all joins of a socket that wait for the broker. Then: 1008.
  uint32_t socket_joins_bytes_max = 1 << 20;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LIMITS_H_
