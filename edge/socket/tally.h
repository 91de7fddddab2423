#ifndef AERIE_EDGE_SOCKET_TALLY_H_
#define AERIE_EDGE_SOCKET_TALLY_H_

#include <cstdint>

#include "edge/metrics.h"

namespace aerie::edge {

// What one io thread has counted since it last told the metrics: plain numbers,
// because a shared counter costs more than much of what is counted here.
struct Tally {
  uint64_t messages_in = 0;
  uint64_t messages_out = 0;
  uint64_t heartbeats = 0;
  uint64_t fanouts = 0;
  uint64_t deliveries = 0;
  uint64_t encode_skips = 0;
  uint64_t pauses = 0;
  uint64_t resumes = 0;

  // Requests of long polls: GET, POST, and those answered by the edge alone.
  uint64_t polls = 0;
  uint64_t poll_sends = 0;
  uint64_t polls_without_link = 0;
  uint64_t polls_draining = 0;
  uint64_t polls_paced = 0;

  uint64_t joins_without_link = 0;
  uint64_t joins_paced = 0;
  uint64_t joins_cut_off = 0;

  uint64_t closes_malformed = 0;
  uint64_t closes_join_too_long = 0;
  uint64_t closes_joins_pending = 0;
  uint64_t closes_by_broker = 0;
  uint64_t closes_drained = 0;

  uint64_t connects_opened = 0;
  uint64_t connects_refused_by_broker = 0;
  uint64_t connects_without_link = 0;
  uint64_t connects_draining = 0;
  uint64_t connects_over_limit = 0;
  uint64_t connects_paced = 0;
  uint64_t connects_timed_out = 0;

  // Changes of what is open and paused.
  int64_t sockets = 0;
  int64_t sockets_paused = 0;
  // Those that are not over.
  int64_t polls_open = 0;

  // Adds everything to `metrics` and starts again from zero.
  void Publish(Metrics& metrics);
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TALLY_H_
