#ifndef AERIE_EDGE_SOCKET_UPSTREAM_H_
#define AERIE_EDGE_SOCKET_UPSTREAM_H_

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// Where a SocketTable's frames go: the link to the broker. Called on the io
// thread of the frame's socket.
//
// What comes back is applied on the io thread of the socket it is about:
// SocketTable::LinkUp, Apply, LinkLost, in the link's order.
class Upstream {
 public:
  virtual ~Upstream() = default;

  // Queues a frame for the link that this thread was last told of (LinkUp);
  // what is sent in one turn travels together, and the order of each thread's
  // frames is kept. Without one, or when that link is gone and its LinkLost
  // still on the way, the frame is dropped: it never reaches a newer link.
  virtual void Send(v1::EdgeFrame frame) = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_UPSTREAM_H_
