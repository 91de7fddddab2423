#ifndef AERIE_EDGE_SOCKET_TESTING_FAKE_TRANSPORT_H_
#define AERIE_EDGE_SOCKET_TESTING_FAKE_TRANSPORT_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "edge/socket/transport.h"
#include "proto/phoenix/frame.h"

namespace aerie::edge {

// Records what a client would get, and how its connection would end.
class FakeTransport final : public Transport {
 public:
  void Send(const phoenix::Frame& frame) override {
    if (close_code_ == 0) frames_.push_back(frame);
  }
  void Close(uint16_t code) override {
    if (close_code_ == 0) close_code_ = code;
  }
  void Pause() override { paused_ = true; }
  void Resume() override { paused_ = false; }

  // The frames since the last call.
  std::vector<phoenix::Frame> TakeFrames() {
    return std::exchange(frames_, {});
  }
  // 0 while the connection is open.
  uint16_t close_code() const { return close_code_; }
  bool paused() const { return paused_; }

 private:
  std::vector<phoenix::Frame> frames_;
  uint16_t close_code_ = 0;
  bool paused_ = false;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TESTING_FAKE_TRANSPORT_H_
