#ifndef AERIE_EDGE_SOCKET_ADMISSION_H_
#define AERIE_EDGE_SOCKET_ADMISSION_H_

#include <cstdint>

#include "common/clock.h"
#include "edge/limits.h"
#include "edge/socket/token_bucket.h"

namespace aerie::edge {

// How fast new sockets and sessions may come: the clients of an edge that goes,
// or of a network that returns, are back one after the other. Lives on its io
// thread, whose share of Limits::connects_per_second it is.
class Admission {
 public:
  Admission(const Limits& limits, uint32_t threads, const Clock& clock);

  // Whether one more client may ask for a socket now.
  bool Admit();

  // For a client that was not admitted: seconds, at least one, after which to
  // come again. Each such client is given a later turn, at the rate, but no
  // queue is kept: some go away, and some don't wait.
  uint32_t RetryAfterS();

 private:
  const Clock& clock_;
  const double per_ms_;  // 0: no limit.
  TokenBucket connects_;
  double last_turn_ms_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_ADMISSION_H_
