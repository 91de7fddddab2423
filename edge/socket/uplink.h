#ifndef AERIE_EDGE_SOCKET_UPLINK_H_
#define AERIE_EDGE_SOCKET_UPLINK_H_

#include <cstdint>
#include <limits>
#include <utility>

#include "common/clock.h"
#include "edge/limits.h"
#include "edge/socket/token_bucket.h"
#include "edge/socket/upstream.h"

namespace aerie::edge {

// The link to the broker as one io thread knows it: whether it is up, which one
// it is, and how fast joins may go over it. Lives on the io thread.
class Uplink {
 public:
  // `threads` share Limits::relink_joins_per_second.
  Uplink(Upstream& upstream, const Limits& limits, uint32_t threads,
         const Clock& clock);

  void Up(uint64_t epoch);
  void Lost() { epoch_ = 0; }

  bool up() const { return epoch_ != 0; }
  // Number of the link that is up; 0 without one.
  uint64_t epoch() const { return epoch_; }

  // Takes a join's turn. False when it must wait: all clients of an edge join
  // again after a relink, and their broker has just started.
  bool AdmitJoin();

  // Only while the link is up.
  void Send(v1::EdgeFrame frame) { upstream_.Send(std::move(frame)); }

 private:
  Upstream& upstream_;
  const Clock& clock_;
  const int64_t storm_ms_;

  uint64_t epoch_ = 0;
  bool linked_before_ = false;
  int64_t storm_until_ms_ = std::numeric_limits<int64_t>::min();
  TokenBucket joins_;  // Of a storm.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_UPLINK_H_
