#ifndef AERIE_BROKER_POLL_POLL_ASKER_H_
#define AERIE_BROKER_POLL_POLL_ASKER_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "broker/channel/edge.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// One request of a long poll, for its answer: which edge has it, and what it is
// called there. Any thread.
struct PollAsker {
  std::shared_ptr<Edge> link;
  uint64_t number = 0;

  void Answer(v1::PollAnswer answer) const {
    v1::BrokerFrame frame;
    frame.set_socket(number);
    *frame.mutable_poll_answer() = std::move(answer);
    link->Send(std::move(frame));
  }
  void Answer(v1::PollAnswer::Result result) const {
    v1::PollAnswer answer;
    answer.set_result(result);
    Answer(std::move(answer));
  }

  friend bool operator==(const PollAsker&, const PollAsker&) = default;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_POLL_ASKER_H_
