#ifndef AERIE_EDGE_SOCKET_TESTING_FAKE_UPSTREAM_H_
#define AERIE_EDGE_SOCKET_TESTING_FAKE_UPSTREAM_H_

#include <utility>
#include <vector>

#include "edge/socket/upstream.h"

namespace aerie::edge {

// Records what a broker would get.
class FakeUpstream final : public Upstream {
 public:
  void Send(v1::EdgeFrame frame) override {
    frames_.push_back(std::move(frame));
  }

  // The frames since the last call.
  std::vector<v1::EdgeFrame> TakeFrames() { return std::exchange(frames_, {}); }

 private:
  std::vector<v1::EdgeFrame> frames_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TESTING_FAKE_UPSTREAM_H_
