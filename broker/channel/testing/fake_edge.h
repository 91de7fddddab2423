#ifndef AERIE_BROKER_CHANNEL_TESTING_FAKE_EDGE_H_
#define AERIE_BROKER_CHANNEL_TESTING_FAKE_EDGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/channel/edge.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// An Edge that records what it is sent, a line for each frame, in order.
//
//   1 room:a join_reply 1/1 ok {}     socket, topic, kind, join_ref/ref, ...
//   1 room:a enlist 1 pid=1 group=0   ..., recorded join_ref, ...
//   1 room:a push 1/- pushed {"x":1}  ..., event, payload
//   1 room:a exit 1/- graceful announced
//   fanout room:a tick {} groups=1 except=7,8
//   1 close 1001
//
// Refs lose their quotes; null is `-`. For tests on one thread.
class FakeEdge final : public Edge {
 public:
  explicit FakeEdge(std::string name = "") : name_(std::move(name)) {}

  absl::string_view name() const override { return name_; }
  void Send(v1::BrokerFrame frame) override;

  // What has come since the last call, but for Credit frames.
  std::vector<std::string> Take();

  // Every frame, as it came.
  const std::vector<v1::BrokerFrame>& frames() const { return frames_; }

  uint64_t credit_frames() const { return credit_frames_; }
  uint64_t credit_bytes() const { return credit_bytes_; }

 private:
  const std::string name_;
  std::vector<v1::BrokerFrame> frames_;
  std::vector<std::string> events_;
  uint64_t credit_frames_ = 0;
  uint64_t credit_bytes_ = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_TESTING_FAKE_EDGE_H_
