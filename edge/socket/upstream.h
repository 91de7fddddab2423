#ifndef AERIE_EDGE_SOCKET_UPSTREAM_H_
#define AERIE_EDGE_SOCKET_UPSTREAM_H_

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// Where a SocketTable's frames go: the link to the broker. Any thread.
//
// What comes back is applied on the io thread of the socket it is about:
// SocketTable::LinkUp, Apply, LinkLost, in the link's order.
class Upstream {
 public:
  virtual ~Upstream() = default;

  // Queues a frame for the link that is up; the order of each thread's frames
  // is kept. Without a link, or with one that a LinkLost is on its way for, the
  // frame is dropped: a SocketTable that knows of no link does not send.
  virtual void Send(v1::EdgeFrame frame) = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_UPSTREAM_H_
