#include "broker/channel/channel.h"

#include <utility>

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

Channel::Channel(Pid pid, SocketPtr socket, Topic& topic,
                 const std::string& topic_name, Host& host,
                 const v1::Message& join)
    : pid(pid),
      socket(std::move(socket)),
      topic(topic),
      topic_name(topic_name),
      host(host),
      join_ref(join.join_ref().empty() ? join.ref() : join.join_ref()),
      join_ref_was_null(join.join_ref().empty()),
      transition(std::make_unique<Transition>()) {
  transition->ref = join.ref();
}

void Channel::SendJoined(Joined joined) {
  v1::BrokerFrame frame = Frame(v1::Message::KIND_JOIN_REPLY);
  v1::Message& message = *frame.mutable_message();
  message.set_ref(transition->ref);
  message.set_join_ref(std::string(recorded_join_ref()));
  message.set_status(joined.ok ? "ok" : "error");
  SetPayload(std::move(joined.response), &message);
  Send(std::move(frame));
}

void Channel::SendJoinFailed(v1::Message::Kind kind) {
  v1::BrokerFrame frame = Frame(kind);
  frame.mutable_message()->set_ref(transition->ref);
  frame.mutable_message()->set_join_ref(std::string(recorded_join_ref()));
  Send(std::move(frame));
}

void Channel::SendReply(Reply reply) {
  v1::BrokerFrame frame = Frame(v1::Message::KIND_REPLY);
  v1::Message& message = *frame.mutable_message();
  message.set_ref(std::move(reply.ref));
  message.set_join_ref(join_ref);
  message.set_status(std::move(reply.status));
  SetPayload(std::move(reply.response), &message);
  Send(std::move(frame));
}

void Channel::SendPush(Push push) {
  v1::BrokerFrame frame = Frame(v1::Message::KIND_PUSH);
  v1::Message& message = *frame.mutable_message();
  message.set_event(std::move(push.event));
  message.set_join_ref(join_ref);
  SetPayload(std::move(push.payload), &message);
  Send(std::move(frame));
}

void Channel::SendLeft() {
  v1::BrokerFrame frame = Frame(v1::Message::KIND_LEAVE_REPLY);
  frame.mutable_message()->set_ref(std::move(transition->ref));
  frame.mutable_message()->set_join_ref(join_ref);
  Send(std::move(frame));
}

void Channel::SendExit(ExitReason reason) {
  v1::BrokerFrame frame = Frame(v1::Message::KIND_EXIT);
  DescribeExit(reason, frame.mutable_message());
  frame.mutable_message()->set_join_ref(std::string(recorded_join_ref()));
  Send(std::move(frame));
}

void Channel::SendReplacedExit() {
  if (!transition->replaced.has_value()) return;
  v1::BrokerFrame frame = Frame(v1::Message::KIND_EXIT);
  DescribeExit(ExitReason::kDuplicateJoin, frame.mutable_message());
  frame.mutable_message()->set_join_ref(*std::move(transition->replaced));
  transition->replaced.reset();
  Send(std::move(frame));
}

void Channel::SendEnlist() {
  v1::BrokerFrame frame = Frame();
  v1::Enlist& enlist = *frame.mutable_enlist();
  enlist.set_topic(topic_name);
  enlist.set_pid(pid.number());
  enlist.set_group(group);
  enlist.set_join_ref(std::string(recorded_join_ref()));
  Send(std::move(frame));
}

void Channel::SendDelist() {
  v1::BrokerFrame frame = Frame();
  frame.mutable_delist()->set_topic(topic_name);
  frame.mutable_delist()->set_pid(pid.number());
  Send(std::move(frame));
}

v1::BrokerFrame Channel::Frame() const {
  v1::BrokerFrame frame;
  frame.set_socket(socket->number());
  return frame;
}

v1::BrokerFrame Channel::Frame(v1::Message::Kind kind) const {
  v1::BrokerFrame frame = Frame();
  frame.mutable_message()->set_kind(kind);
  frame.mutable_message()->set_topic(topic_name);
  return frame;
}

void Channel::Send(v1::BrokerFrame frame) {
  if (voice == Voice::kAll) socket->edge().Send(std::move(frame));
}

void SetPayload(Payload payload, v1::Message* message) {
  if (payload.binary) {
    message->set_binary(std::move(payload.bytes));
  } else if (!payload.bytes.empty()) {
    message->set_json(std::move(payload.bytes));
  }
}

}  // namespace aerie::broker
