#ifndef AERIE_EDGE_SOCKET_CANARY_H_
#define AERIE_EDGE_SOCKET_CANARY_H_

#include <atomic>
#include <cstdint>

#include "common/clock.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/uplink.h"

namespace aerie::edge {

// The broadcast that an io thread sends itself, each second, through the link
// and every shard of the broker: as long as it comes back, clients hear what
// their topics say. At most one is under way. Lives on its thread, but for
// AgeMs.
class Canary {
 public:
  Canary(Uplink& uplink, const Limits& limits, Metrics& metrics,
         const Clock& clock);

  // A broker has taken the link; brokers before 1.4 send no canary back.
  void Welcomed(uint32_t minor);
  void LinkLost();

  // Whether it is time for another one.
  bool Due() const;
  // `number` is one of the thread's own, and not used before.
  void Send(uint64_t number);
  // One has come back.
  void Heard(uint64_t number);

  // Since the one that came back last was sent: up to a second and its way, if
  // all is well. Without any, since this was made; 0 with a broker that knows
  // none. Any thread.
  int64_t AgeMs() const;

 private:
  Uplink& uplink_;
  const int64_t interval_ms_;
  Metrics& metrics_;
  const Clock& clock_;

  bool answered_ = false;  // By the broker at the other end.
  uint64_t number_ = 0;    // Of the one under way.
  int64_t sent_at_ms_;     // The same, or the last one.
  // False while the last broker that there was answers none.
  std::atomic<bool> expected_{true};
  std::atomic<int64_t> heard_from_ms_;  // When the newest one heard was sent.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_CANARY_H_
