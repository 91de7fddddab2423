#ifndef AERIE_EDGE_SOCKET_CANARY_H_
#define AERIE_EDGE_SOCKET_CANARY_H_

#include <atomic>
#include <cstdint>

#include "common/clock.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/uplink.h"

namespace aerie::edge {

// The broadcast that an edge sends itself, each second, through the link and
// every shard of the broker: as long as it comes back, clients hear what their
// topics say. Thread 0 sends it, one at a time; each thread hears it, and has
// one of these. Lives on its thread, but for AgeMs.
class Canary {
 public:
  // Of io thread `thread`.
  Canary(uint32_t thread, Uplink& uplink, const Limits& limits,
         Metrics& metrics, const Clock& clock);

  // A broker has taken the link; brokers before 1.4 send no canary back.
  void Welcomed(uint32_t minor);
  void LinkLost();

  // Sends another one when it is time.
  void Tick();
  // One has come back.
  void Heard();

  // Since the last one was heard: up to a second and its way, if all is well.
  // Without any, since this was made; 0 with a broker that knows none. Any
  // thread.
  int64_t AgeMs() const;

 private:
  Uplink& uplink_;
  const bool sends_;
  const int64_t interval_ms_;
  Metrics& metrics_;
  const Clock& clock_;

  bool answered_ = false;  // By the broker at the other end.
  bool under_way_ = false;
  int64_t sent_at_ms_;  // The last one.
  // False while the last broker that there was answers none.
  std::atomic<bool> expected_{true};
  std::atomic<int64_t> heard_at_ms_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_CANARY_H_
