// What a channel says: the half of Membership that any thread calls.
#include <string>
#include <utility>

#include "clients/cpp/limits.h"
#include "clients/cpp/membership.h"
#include "clients/cpp/rules.h"

namespace aerie::client {
namespace {

absl::Status TooEarly() {
  return absl::FailedPreconditionError("the join is not answered yet");
}

}  // namespace

std::string Membership::assigns() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return assigns_.Text();
}

absl::Status Membership::Assign(absl::string_view json) {
  std::lock_guard<std::mutex> lock(mutex_);
  absl::Status status = assigns_.Merge(json);
  if (!status.ok()) return status;
  assigned_ = true;
  if (phase_ == Phase::kJoined || phase_ == Phase::kStopping) {
    v1::HostFrame frame = Frame();
    frame.mutable_set_assigns()->set_assigns(assigns_.Text());
    uplink_->Say(std::move(frame));
  }
  return absl::OkStatus();
}

absl::Status Membership::Push(absl::string_view event, Payload payload) {
  absl::Status status =
      CheckEvent(event, payload, uplink_->payload_bytes_max());
  if (!status.ok()) return status;
  v1::HostFrame frame = Frame();
  v1::HostFrame::Push& push = *frame.mutable_push();
  push.set_event(std::string(event));
  *push.mutable_payload() = std::move(payload).ToProto();
  return Say(std::move(frame));
}

// It always names the topic: so that a terminate's goes out also when the
// broker has forgotten the channel.
absl::Status Membership::Broadcast(absl::string_view topic,
                                   absl::string_view event, Payload payload,
                                   bool except_self) {
  absl::Status status = CheckTopic(topic);
  if (status.ok()) {
    status = CheckEvent(event, payload, uplink_->payload_bytes_max());
  }
  if (!status.ok()) return status;
  v1::HostFrame frame = Frame();
  v1::HostFrame::Broadcast& broadcast = *frame.mutable_broadcast();
  broadcast.set_topic(std::string(topic));
  broadcast.set_event(std::string(event));
  broadcast.set_except_self(except_self);
  *broadcast.mutable_payload() = std::move(payload).ToProto();
  return Say(std::move(frame));
}

absl::Status Membership::SendSelf(absl::string_view event, Payload payload) {
  absl::Status status = CheckPayload(payload, uplink_->payload_bytes_max());
  if (!status.ok()) return status;
  Entry entry{Entry::Kind::kSelf, {}};
  v1::ChannelFrame::HandleInfo& info = *entry.frame.mutable_handle_info();
  info.set_event(std::string(event));
  *info.mutable_payload() = std::move(payload).ToProto();
  if (Queue(std::move(entry))) return absl::OkStatus();
  return absl::ResourceExhaustedError("too many messages to itself wait");
}

absl::Status Membership::Reply(const std::string& ref, absl::string_view status,
                               Payload payload) {
  v1::HostFrame frame = Frame();
  absl::Status filled =
      FillReply(ref, status, std::move(payload), frame.mutable_reply());
  // Who asks for no answer gets none.
  if (!filled.ok() || ref.empty()) return filled;
  return Say(std::move(frame));
}

absl::Status Membership::FillReply(const std::string& ref,
                                   absl::string_view status, Payload payload,
                                   v1::HostFrame::Reply* reply) const {
  absl::Status valid = CheckReplyStatus(status);
  if (valid.ok()) valid = CheckPayload(payload, uplink_->payload_bytes_max());
  if (!valid.ok()) return valid;
  reply->set_ref(ref);
  reply->set_status(std::string(status));
  *reply->mutable_payload() = std::move(payload).ToProto();
  return absl::OkStatus();
}

absl::Status Membership::Stop(ExitReason reason,
                              std::optional<Result::Answer> answer,
                              const std::string& ref) {
  const bool exits =
      reason == ExitReason::kExitNormal || reason == ExitReason::kCrash;
  if (!exits && reason != ExitReason::kStopNormal &&
      reason != ExitReason::kStopShutdown) {
    return absl::InvalidArgumentError("a host does not stop for this reason");
  }
  v1::HostFrame frame = Frame();
  v1::HostFrame::Stop& stop = *frame.mutable_stop();
  stop.set_reason(static_cast<v1::ExitReason>(reason));
  if (answer && !ref.empty()) {
    absl::Status filled = FillReply(
        ref, answer->status, std::move(answer->payload), stop.mutable_reply());
    if (!filled.ok()) return filled;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (phase_ == Phase::kJoining) return TooEarly();
    if (phase_ != Phase::kJoined) return absl::OkStatus();
    phase_ = exits ? Phase::kExiting : Phase::kStopping;
    exit_ = reason;
    uplink_->Say(std::move(frame));
  }
  if (exits) Wake();
  return absl::OkStatus();
}

absl::Status Membership::Intercept(std::vector<std::string> events) {
  for (const std::string& event : events) {
    absl::Status status = CheckEventName(event);
    if (!status.ok()) return status;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (phase_ != Phase::kJoining) {
    return absl::FailedPreconditionError("Intercept is for Join");
  }
  if (intercepts_.size() + events.size() > limits::kInterceptsMax) {
    return absl::InvalidArgumentError("too many intercepts");
  }
  for (std::string& event : events) intercepts_.push_back(std::move(event));
  return absl::OkStatus();
}

v1::HostFrame Membership::Frame() const {
  v1::HostFrame frame;
  frame.set_channel(facts_.id);
  return frame;
}

absl::Status Membership::Say(v1::HostFrame frame) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (phase_ == Phase::kJoining) return TooEarly();
  if (phase_ != Phase::kEnded) uplink_->Say(std::move(frame));
  return absl::OkStatus();
}

void Membership::Done(size_t callbacks) {
  if (callbacks == 0) return;
  v1::HostFrame frame = Frame();
  frame.mutable_done()->set_callbacks(callbacks);
  uplink_->Say(std::move(frame));
}

void Membership::Terminated(const std::string& event_id) {
  v1::HostFrame frame = Frame();
  frame.mutable_terminated()->set_event_id(event_id);
  uplink_->Say(std::move(frame));
}

Membership::Phase Membership::phase() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return phase_;
}

}  // namespace aerie::client
