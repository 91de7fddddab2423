#include "clients/cpp/channel.h"

#include <stdexcept>

#include "clients/cpp/membership.h"
#include "common/log.h"

namespace aerie::client {

uint64_t ChannelRef::id() const { return membership_->facts().id; }

const std::string& ChannelRef::topic() const {
  return membership_->facts().topic;
}

const std::string& ChannelRef::pattern() const {
  return membership_->facts().route->pattern;
}

const Socket& ChannelRef::socket() const { return membership_->facts().socket; }

std::string ChannelRef::assigns() const { return membership_->assigns(); }

absl::Status ChannelRef::Assign(absl::string_view json) const {
  return membership_->Assign(json);
}

absl::Status ChannelRef::Push(absl::string_view event, Payload payload) const {
  return membership_->Push(event, std::move(payload));
}

absl::Status ChannelRef::Broadcast(absl::string_view event,
                                   Payload payload) const {
  return membership_->Broadcast(topic(), event, std::move(payload),
                                /*except_self=*/false);
}

absl::Status ChannelRef::BroadcastFrom(absl::string_view event,
                                       Payload payload) const {
  return membership_->Broadcast(topic(), event, std::move(payload),
                                /*except_self=*/true);
}

absl::Status ChannelRef::BroadcastTo(absl::string_view topic,
                                     absl::string_view event,
                                     Payload payload) const {
  return membership_->Broadcast(topic, event, std::move(payload),
                                /*except_self=*/false);
}

absl::Status ChannelRef::SendSelf(absl::string_view event,
                                  Payload payload) const {
  return membership_->SendSelf(event, std::move(payload));
}

absl::Status ChannelRef::Stop(ExitReason reason) const {
  return membership_->Stop(reason, std::nullopt, "");
}

absl::Status Ref::Reply(absl::string_view status, Payload payload) const {
  return membership_->Reply(ref_, status, std::move(payload));
}

// The payload is not of the log, the name might be.
// NOLINTNEXTLINE(performance-unnecessary-value-param): overrides move from it.
Result Channel::HandleIn(Event /*event*/) {
  throw std::runtime_error("the channel handles no events");
}

Next Channel::HandleOut(const std::string& event, Payload payload) {
  const absl::Status pushed = Push(event, std::move(payload));
  if (!pushed.ok()) throw std::runtime_error(std::string(pushed.message()));
  return Next::Continue();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): overrides move from it.
Next Channel::HandleInfo(const std::string& event, Payload /*payload*/) {
  log::Debug("message ignored", {{"topic", topic()}, {"event", event}});
  return Next::Continue();
}

absl::Status Channel::Intercept(std::vector<std::string> events) {
  return membership_->Intercept(std::move(events));
}

}  // namespace aerie::client
