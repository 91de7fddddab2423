#ifndef AERIE_EDGE_LINK_FRAME_SINK_H_
#define AERIE_EDGE_LINK_FRAME_SINK_H_

#include <vector>

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// A stream that takes the frames of a turn.
class FrameSink {
 public:
  virtual ~FrameSink() = default;

  // Queues frames, in order; `frames` is empty afterwards. Any thread.
  virtual void Send(std::vector<v1::EdgeFrame>& frames) = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_LINK_FRAME_SINK_H_
