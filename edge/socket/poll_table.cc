#include "edge/socket/poll_table.h"

#include <utility>

namespace aerie::edge {
namespace {

v1::PollAnswer Answer(v1::PollAnswer::Result result) {
  v1::PollAnswer answer;
  answer.set_result(result);
  return answer;
}

}  // namespace

bool PollTable::Get(uint64_t number, v1::Poll request, PollAnswered answered) {
  v1::EdgeFrame frame;
  frame.set_socket(number);
  *frame.mutable_poll() = std::move(request);
  return Start(std::move(frame), std::move(answered));
}

bool PollTable::Send(uint64_t number, v1::PollSend request,
                     PollAnswered answered) {
  v1::EdgeFrame frame;
  frame.set_socket(number);
  *frame.mutable_poll_send() = std::move(request);
  return Start(std::move(frame), std::move(answered));
}

bool PollTable::Start(v1::EdgeFrame frame, PollAnswered answered) {
  if (!uplink_.up()) {
    ++tally_.polls_without_link;
    answered(Answer(v1::PollAnswer::RESULT_UNAVAILABLE));
    return false;
  }
  const bool get = frame.has_poll();
  ++(get ? tally_.polls : tally_.poll_sends);
  tally_.messages_in += frame.poll_send().messages_size();
  ++tally_.polls_open;
  requests_[frame.socket()] = {uplink_.epoch(), get, false,
                               std::move(answered)};
  uplink_.Send(std::move(frame));
  return true;
}

void PollTable::End(uint64_t number, bool written) {
  const auto found = requests_.find(number);
  if (found == requests_.end()) return;
  SendDone(number, found->second, written);
  requests_.erase(found);
  --tally_.polls_open;
}

// Who asked on an earlier link was given up with it.
void PollTable::SendDone(uint64_t number, const Request& request,
                         bool written) {
  if (!request.get || request.epoch != uplink_.epoch()) return;
  v1::EdgeFrame frame;
  frame.set_socket(number);
  frame.mutable_poll_done()->set_written(written && request.given);
  uplink_.Send(std::move(frame));
}

void PollTable::Apply(uint64_t number, const v1::PollAnswer& answer) {
  const auto found = requests_.find(number);
  // What is said about a request that is over crosses its end.
  if (found == requests_.end() || found->second.answered == nullptr) return;
  tally_.messages_out += answer.messages_size();
  found->second.given = true;
  std::exchange(found->second.answered, nullptr)(answer);
}

void PollTable::LinkLost() {
  std::vector<PollAnswered> waiting;
  for (auto& [number, request] : requests_) {
    if (request.answered == nullptr) continue;
    waiting.push_back(std::exchange(request.answered, nullptr));
  }
  tally_.polls_without_link += waiting.size();
  for (PollAnswered& answered : waiting) {
    answered(Answer(v1::PollAnswer::RESULT_UNAVAILABLE));
  }
}

bool PollTable::Release(uint64_t number) {
  const auto found = requests_.find(number);
  if (found == requests_.end() || !found->second.get ||
      found->second.answered == nullptr) {
    return false;
  }
  std::exchange(found->second.answered,
                nullptr)(Answer(v1::PollAnswer::RESULT_NOTHING));
  return true;
}

std::vector<uint64_t> PollTable::Waiting() const {
  std::vector<uint64_t> waiting;
  for (const auto& [number, request] : requests_) {
    if (request.get && request.answered != nullptr) waiting.push_back(number);
  }
  return waiting;
}

}  // namespace aerie::edge
