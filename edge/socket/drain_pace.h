#ifndef AERIE_EDGE_SOCKET_DRAIN_PACE_H_
#define AERIE_EDGE_SOCKET_DRAIN_PACE_H_

#include <cstddef>
#include <cstdint>

namespace aerie::edge {

// How fast a drain closes sockets: evenly over its window, so that their
// clients don't come down on the other edges all at once. Phoenix:
// Phoenix.Socket.PoolDrainer. A value; any thread.
class DrainPace {
 public:
  // `count` sockets are open when the drain starts.
  DrainPace(size_t count, int64_t window_ms)
      : count_(count), window_ms_(window_ms) {}

  // How many must have been closed `elapsed_ms` after the start: the first one
  // at once, all of them at the end of the window.
  size_t DueBy(int64_t elapsed_ms) const;

 private:
  size_t count_;
  int64_t window_ms_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_DRAIN_PACE_H_
