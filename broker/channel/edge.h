#ifndef AERIE_BROKER_CHANNEL_EDGE_H_
#define AERIE_BROKER_CHANNEL_EDGE_H_

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// Where pushes go: the link of one edge, or a long poll's session. Shards hold
// it through the sockets that came over it.
class Edge {
 public:
  virtual ~Edge() = default;

  // Queues a frame. Any loop; the frames of one loop keep their order. Never
  // blocks; once the edge is lost, frames are dropped.
  virtual void Send(v1::BrokerFrame frame) = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_EDGE_H_
