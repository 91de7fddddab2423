#ifndef AERIE_BROKER_CHANNEL_EDGE_H_
#define AERIE_BROKER_CHANNEL_EDGE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// Where pushes go: the link of one edge, or a long poll's session. Shards hold
// it through the sockets that came over it.
class Edge {
 public:
  virtual ~Edge() = default;

  // Of the edge's process, new at each of its starts. Any thread.
  virtual absl::string_view name() const { return {}; }
  // Sent and not yet being written. Any thread.
  virtual uint64_t queued_bytes() const { return 0; }

  // Queues a frame. Any thread; the frames of one thread, or of one loop, keep
  // their order, and those of a loop's turn travel together. Never blocks; once
  // the edge is lost, frames are dropped.
  virtual void Send(v1::BrokerFrame frame) = 0;

  // Queues frames that travel together, outside of loops; `frames` is empty
  // afterwards.
  virtual void SendAll(std::vector<v1::BrokerFrame>& frames) {
    for (v1::BrokerFrame& frame : frames) Send(std::move(frame));
    frames.clear();
  }
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_EDGE_H_
