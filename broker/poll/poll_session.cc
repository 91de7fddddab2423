#include "broker/poll/poll_session.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "proto/phoenix/events.h"
#include "proto/phoenix/wording.h"

namespace aerie::broker {

PollSession::PollSession(PollHome& home, SocketPtr socket, int64_t now_ms)
    : home_(home), socket_(std::move(socket)), polled_at_ms_(now_ms) {
  home_.metrics.poll_sessions.Increment();
}

PollSession::~PollSession() { home_.metrics.poll_sessions.Decrement(); }

void PollSession::Poll(PollAsker asker, int64_t now_ms) {
  polled_at_ms_ = now_ms;
  if (polls_.size() >= home_.limits.polls_per_session_max) {
    home_.metrics.polls_superseded.Increment();
    polls_.front().asker.Answer(v1::PollAnswer::RESULT_NOTHING);
    polls_.erase(polls_.begin());
  }
  polls_.push_back({std::move(asker), now_ms + home_.limits.poll_window_ms});
}

void PollSession::Done(const PollAsker& asker, bool written) {
  if (given_ > 0 && given_to_ == asker) {
    if (written) {
      buffer_.erase(buffer_.begin(),
                    buffer_.begin() + static_cast<ptrdiff_t>(given_));
      // An idle session keeps no memory of a burst.
      if (buffer_.empty()) buffer_ = {};
    } else {
      home_.metrics.poll_redeliveries.Increment(static_cast<double>(given_));
      // It waits once more, and counts as what waits.
      for (size_t i = 0; i < given_; ++i) waiting_bytes_ += buffer_[i].bytes;
    }
    given_ = 0;
    given_to_ = {};
    return;
  }
  const auto found = absl::c_find_if(
      polls_, [&asker](const Waiting& poll) { return poll.asker == asker; });
  if (found != polls_.end()) polls_.erase(found);
}

PollSession::End PollSession::Send(PollAsker asker, v1::PollSend request,
                                   int64_t now_ms) {
  const Limits& limits = home_.limits;
  if (sends_.size() >= limits.poll_sends_max ||
      sends_bytes_ > limits.poll_sends_bytes_max) {
    home_.metrics.poll_sends_refused.Increment();
    asker.Answer(v1::PollAnswer::RESULT_NOT_HANDLED);
    return End::kNot;
  }
  const uint64_t bytes = request.ByteSizeLong();
  sends_bytes_ += bytes;
  sends_.push_back({{std::move(asker), now_ms + limits.poll_window_ms},
                    std::move(request),
                    bytes});
  return sends_.size() == 1 ? Step() : End::kNot;
}

void PollSession::LinkLost(const Edge* link) {
  const auto of_link = [link](const PollAsker& asker) {
    return asker.link.get() == link;
  };
  if (given_ > 0 && of_link(given_to_)) Done(PollAsker(given_to_), false);
  polls_.erase(
      std::remove_if(polls_.begin(), polls_.end(),
                     [&](const Waiting& poll) { return of_link(poll.asker); }),
      polls_.end());
  // Their messages go on: whether they have been handled is nobody's question
  // any more.
}

PollSession::End PollSession::Push(PollMessage message, uint32_t bytes) {
  if (waiting_bytes_ > home_.limits.poll_session_bytes_max) return End::kSlow;
  if (forwarded_.has_value()) Notice(*message);
  waiting_bytes_ += bytes;
  buffer_.push_back({std::move(message), bytes});
  return Handled() ? Step() : End::kNot;
}

// What a shard says of the message that was forwarded.
void PollSession::Notice(const v1::Message& message) {
  Forwarded& forwarded = *forwarded_;
  if (!phoenix::AnswersJoin(message.kind()) ||
      message.topic() != forwarded.topic || message.ref() != forwarded.ref) {
    return;
  }
  forwarded.answered = true;
  const bool ok = message.kind() == v1::Message::KIND_JOIN_REPLY &&
                  message.status() == "ok";
  if (!ok && !sends_.empty()) sends_.front().failed = true;
}

PollSession::End PollSession::Taken() {
  if (untaken_ > 0) --untaken_;
  return Step();
}

bool PollSession::Handled() const {
  return forwarded_.has_value() && untaken_ == 0 &&
         (!forwarded_->join || forwarded_->answered);
}

PollSession::End PollSession::Step() {
  if (Handled()) forwarded_.reset();
  if (forwarded_.has_value()) return End::kNot;
  while (!sends_.empty()) {
    Sending& sending = sends_.front();
    if (sending.next == 0 && !Reads(sending.request.dialect())) {
      sending.request.clear_messages();
      sending.request.set_malformed(true);
    }
    if (sending.next == sending.request.messages_size()) {
      const End end = Finished(TakeFirst());
      if (end != End::kNot) return end;
      continue;
    }
    v1::Message message =
        std::move(*sending.request.mutable_messages(sending.next++));
    if (phoenix::IsHeartbeat(message.topic(), message.event())) {
      const End end = HeartbeatReply(message);
      if (end != End::kNot) return end;
      continue;
    }
    forwarded_ = Forwarded{message.topic(), message.ref(), IsJoin(message)};
    ++untaken_;
    home_.forward(socket_, std::move(message));
    return End::kNot;
  }
  return End::kNot;
}

PollSession::Sending PollSession::TakeFirst() {
  Sending first = std::move(sends_.front());
  sends_.erase(sends_.begin());
  sends_bytes_ -= first.bytes;
  return first;
}

// A client of the founding dialect survives what it has sent, as it did.
PollSession::End PollSession::Finished(const Sending& sending) {
  const PollAsker& asker = sending.waiting.asker;
  if (sending.request.malformed()) {
    asker.Answer(v1::PollAnswer::RESULT_NOT_HANDLED);
    const bool founding = socket_->origin().dialect == v1::DIALECT_FOUNDING &&
                          sending.request.dialect() == v1::DIALECT_FOUNDING;
    return founding ? End::kNot : End::kMalformed;
  }
  asker.Answer(sending.failed ? v1::PollAnswer::RESULT_HANDLED_FAILED
                              : v1::PollAnswer::RESULT_HANDLED);
  return End::kNot;
}

PollSession::End PollSession::HeartbeatReply(v1::Message& heartbeat) {
  heartbeat.set_kind(v1::Message::KIND_HEARTBEAT);
  const auto bytes = static_cast<uint32_t>(heartbeat.ByteSizeLong());
  return Push(std::make_shared<const v1::Message>(std::move(heartbeat)), bytes);
}

bool PollSession::Reads(v1::Dialect dialect) const {
  const v1::Dialect own = socket_->origin().dialect;
  return dialect == own ||
         (dialect == v1::DIALECT_V1 && own == v1::DIALECT_BRIDGE);
}

bool PollSession::IsJoin(const v1::Message& message) const {
  return message.event() == phoenix::kPhxJoin &&
         (socket_->policy().second_join_replaces ||
          !absl::c_linear_search(topics_, message.topic()));
}

void PollSession::Left(const std::string& topic) {
  const auto found = absl::c_find(topics_, topic);
  if (found != topics_.end()) topics_.erase(found);
}

void PollSession::Deliver() {
  if (given_ > 0 || polls_.empty() || buffer_.empty()) return;
  given_ = buffer_.size();
  given_to_ = std::move(polls_.back().asker);
  polls_.pop_back();
  waiting_bytes_ = 0;
  v1::PollAnswer answer;
  answer.set_result(v1::PollAnswer::RESULT_MESSAGES);
  answer.set_dialect(socket_->origin().dialect);
  answer.mutable_messages()->Reserve(static_cast<int>(given_));
  for (const Buffered& each : buffer_) *answer.add_messages() = *each.message;
  home_.metrics.poll_messages_given.Increment(static_cast<double>(given_));
  given_to_.Answer(std::move(answer));
}

PollSession::End PollSession::Expire(int64_t now_ms) {
  while (!polls_.empty() && polls_.front().deadline_ms <= now_ms) {
    polls_.front().asker.Answer(v1::PollAnswer::RESULT_NOTHING);
    polls_.erase(polls_.begin());
  }
  bool late = false;
  while (!sends_.empty() && sends_.front().waiting.deadline_ms <= now_ms) {
    // What is with a shard stays there; what comes behind it is dropped.
    home_.metrics.poll_sends_late.Increment();
    TakeFirst().waiting.asker.Answer(v1::PollAnswer::RESULT_NOT_HANDLED);
    late = true;
  }
  if (!late) return End::kNot;
  forwarded_.reset();
  return Step();
}

PollSession::End PollSession::CheckActive(int64_t now_ms) const {
  // A client that still reads what it was given is there.
  if (given_ > 0 || !polls_.empty()) return End::kNot;
  const int64_t window_ms = home_.limits.poll_window_ms;
  return now_ms - polled_at_ms_ > window_ms * 3 / 2 ? End::kInactive
                                                    : End::kNot;
}

void PollSession::Finish() {
  for (const Waiting& poll : polls_) {
    poll.asker.Answer(v1::PollAnswer::RESULT_NOTHING);
  }
  for (const Sending& sending : sends_) {
    sending.waiting.asker.Answer(v1::PollAnswer::RESULT_NOT_HANDLED);
  }
  polls_.clear();
  sends_.clear();
}

}  // namespace aerie::broker
