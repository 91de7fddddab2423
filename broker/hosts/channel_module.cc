#include "broker/hosts/channel_module.h"

#include <utility>

#include "proto/phoenix/json.h"

namespace aerie::broker {
namespace {

bool IsJson(const Payload& payload) {
  return payload.binary || payload.bytes.empty() ||
         phoenix::ValidateJson(payload.bytes).ok();
}

// Of a payload whose text is valid.
bool IsObjectOrBytes(const Payload& payload) {
  return payload.binary || payload.bytes.empty() ||
         phoenix::IsJsonObject(payload.bytes);
}

}  // namespace

Payload PayloadOf(const v1::Message& message) {
  if (message.has_binary()) return {message.binary(), true};
  return {message.json(), false};
}

bool HasObjectOrBytes(const v1::Message& message) {
  return message.has_binary() || message.json().empty() ||
         phoenix::IsJsonObject(message.json());
}

bool RemoteChannel::Post(Action action) const {
  Actions actions;
  actions.push_back(std::move(action));
  return sink_->Post(std::move(actions));
}

bool RemoteChannel::Reply(std::string ref, std::string status,
                          Payload response) const {
  if (!IsJson(response)) return false;
  return Post({pid_, broker::Reply{std::move(ref), std::move(status),
                                   std::move(response)}});
}

bool RemoteChannel::Push(std::string event, Payload payload) const {
  if (!IsJson(payload) || !IsObjectOrBytes(payload)) return false;
  return Post({pid_, broker::Push{std::move(event), std::move(payload)}});
}

bool RemoteChannel::Broadcast(std::string event, Payload payload) const {
  if (!IsJson(payload) || !IsObjectOrBytes(payload)) return false;
  return Post(
      {pid_, broker::Broadcast{std::move(event), std::move(payload), false}});
}

bool RemoteChannel::Stop() const {
  return Post({pid_, broker::Stop{ExitReason::kStopNormal}});
}

template <typename What>
void ChannelContext::Add(What what) {
  if (!stop_ && !crashed_) out_.push_back({pid_, std::move(what)});
}

void ChannelContext::Check(const Payload& response) {
  if (!IsJson(response)) crashed_ = true;
}

void ChannelContext::Reply(const std::string& ref, std::string status,
                           Payload response) {
  Check(response);
  Add(broker::Reply{ref, std::move(status), std::move(response)});
}

void ChannelContext::Reply(const std::string& ref, std::string status,
                           const v1::Message& payload_of) {
  Add(broker::Reply{ref, std::move(status), PayloadOf(payload_of)});
}

void ChannelContext::Send(To to, std::string event, Payload payload) {
  if (!IsObjectOrBytes(payload)) crashed_ = true;
  if (to == To::kClient) {
    Add(broker::Push{std::move(event), std::move(payload)});
  } else {
    Add(broker::Broadcast{std::move(event), std::move(payload),
                          to == To::kOthers});
  }
}

void ChannelContext::Push(std::string event, Payload payload) {
  if (!IsJson(payload)) crashed_ = true;
  Send(To::kClient, std::move(event), std::move(payload));
}

void ChannelContext::Broadcast(std::string event, Payload payload) {
  if (!IsJson(payload)) crashed_ = true;
  Send(To::kTopic, std::move(event), std::move(payload));
}

void ChannelContext::BroadcastFrom(std::string event, Payload payload) {
  if (!IsJson(payload)) crashed_ = true;
  Send(To::kOthers, std::move(event), std::move(payload));
}

void ChannelContext::Push(std::string event, const v1::Message& payload_of) {
  Send(To::kClient, std::move(event), PayloadOf(payload_of));
}

void ChannelContext::Broadcast(std::string event,
                               const v1::Message& payload_of) {
  Send(To::kTopic, std::move(event), PayloadOf(payload_of));
}

void ChannelContext::BroadcastFrom(std::string event,
                                   const v1::Message& payload_of) {
  Send(To::kOthers, std::move(event), PayloadOf(payload_of));
}

void ChannelContext::Stop(ExitReason reason) {
  if (!stop_ && !crashed_) stop_ = reason;
}

void ChannelContext::Disconnect(std::string socket_id) {
  Add(broker::Disconnect{std::move(socket_id)});
}

void ChannelModule::HandleOut(ChannelContext& channel,
                              const v1::Message& broadcast) {
  channel.Push(broadcast.event(), broadcast);
}

void ChannelModule::Terminate(ChannelContext& channel, ExitReason reason) {
  (void)channel;
  (void)reason;
}

}  // namespace aerie::broker
