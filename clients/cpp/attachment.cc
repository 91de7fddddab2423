#include "clients/cpp/attachment.h"

#include <utility>

#include "common/log.h"

namespace aerie::client {

std::shared_ptr<const Route> HostState::Find(const std::string& pattern) const {
  for (const auto& route : routes) {
    if (route->pattern == pattern) return route;
  }
  return nullptr;
}

void Attachment::Schedule(std::shared_ptr<Membership> membership) {
  state_->workers.Post(
      [membership = std::move(membership)] { membership->Run(); });
}

void Attachment::Forget(const Membership& membership) {
  std::shared_ptr<Membership> gone;  // Freed without the lock.
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto it = channels_.find(membership.facts().id);
    if (it != channels_.end() && it->second.get() == &membership) {
      gone = std::move(it->second);
      channels_.erase(it);
    }
  }
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (--state_->channels == 0) state_->changed.notify_all();
}

void Attachment::Received(v1::AttachResponse batch) {
  int next = 0;
  if (!welcomed_) {
    if (batch.frames_size() == 0) return;
    if (!Attached(batch.frames(next++))) {
      return stream_->Cancel(absl::StatusCode::kFailedPrecondition);
    }
  }
  for (; next < batch.frames_size(); ++next) {
    Take(std::move(*batch.mutable_frames(next)));
  }
}

bool Attachment::Attached(const v1::ChannelFrame& frame) {
  if (!frame.has_attached() ||
      frame.attached().major() != limits::kProtocolMajor) {
    return false;
  }
  welcomed_ = true;
  broker_ = frame.attached().broker();
  if (frame.attached().payload_bytes_max() > 0) {
    payload_bytes_max_ = frame.attached().payload_bytes_max();
  }
  log::Info("attached",
            {{"broker", broker_}, {"version", frame.attached().version()}});
  std::lock_guard<std::mutex> lock(state_->mutex);
  attached_ = true;
  state_->changed.notify_all();
  return true;
}

// Every channel that is left ends, behind what its mailbox holds.
void Attachment::Ended(const absl::Status& status) {
  lost_ = true;
  std::vector<std::shared_ptr<Membership>> left;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [id, membership] : channels_) left.push_back(membership);
  }
  for (const auto& membership : left) {
    ends().Add(Ends::ChannelKey(broker_, membership->facts().id),
               membership->ending());
    membership->Lost();
  }
  std::lock_guard<std::mutex> lock(state_->mutex);
  ended_ = true;
  status_ = status;
  state_->changed.notify_all();
}

void Attachment::Take(v1::ChannelFrame frame) {
  switch (frame.frame_case()) {
    case v1::ChannelFrame::kJoin:
      return Join(std::move(frame));
    case v1::ChannelFrame::kTerminate:
      return Terminate(std::move(frame));
    case v1::ChannelFrame::kHandleIn:
    case v1::ChannelFrame::kHandleOut:
    case v1::ChannelFrame::kHandleInfo:
      return Event(std::move(frame));
    case v1::ChannelFrame::kConnect:
      return state_->workers.Post(
          [self = shared_from_this(), frame = std::move(frame)] {
            self->Say(AnswerConnect(self->state_->connect, frame.connect()));
          });
    case v1::ChannelFrame::kDraining:
      return log::Info("the broker drains", {{"broker", broker_}});
    case v1::ChannelFrame::kDrained:
      return Drained();
    default:
      return;  // Of a kind that we do not know.
  }
}

void Attachment::Join(v1::ChannelFrame frame) {
  const v1::ChannelFrame::Join& join = frame.join();
  std::shared_ptr<const Route> route = state_->Find(join.pattern());
  if (route == nullptr) {
    v1::HostFrame reply;
    reply.set_channel(frame.channel());
    reply.mutable_join_reply()->set_crashed(true);
    return Say(std::move(reply));
  }
  const v1::SocketInfo& socket = join.socket();
  const auto membership =
      Open(frame.channel(),
           {.id = frame.channel(),
            .topic = join.topic(),
            .socket = {socket.key(), socket.socket_id(), socket.assigns()},
            .route = std::move(route),
            .assigns = socket.assigns()});
  membership->Deliver(std::move(frame));
}

void Attachment::Terminate(v1::ChannelFrame frame) {
  if (const auto membership = Find(frame.channel())) {
    return membership->Deliver(std::move(frame));
  }
  std::shared_ptr<const Route> route =
      state_->Find(frame.terminate().pattern());
  if (!frame.terminate().redelivered() || route == nullptr) {
    return Terminated(frame.channel(), frame.terminate().event_id());
  }
  Redelivered(std::move(frame), std::move(route));
}

void Attachment::Redelivered(v1::ChannelFrame frame,
                             std::shared_ptr<const Route> route) {
  const v1::ChannelFrame::Terminate& end = frame.terminate();
  std::shared_ptr<Ending> ending =
      ends().Find(Ends::ChannelKey(broker_, frame.channel()));
  if (ending == nullptr) ending = ends().Find(Ends::EventKey(end.event_id()));
  if (ending != nullptr) {  // It was ours; answered when that has run.
    return ending->WhenOver(
        [self = shared_from_this(), id = frame.channel(),
         event_id = end.event_id()] { self->Terminated(id, event_id); });
  }
  const v1::SocketInfo& socket = end.socket();
  const auto membership =
      Open(frame.channel(),
           {.id = frame.channel(),
            .topic = end.topic(),
            .socket = {socket.key(), socket.socket_id(), socket.assigns()},
            .route = std::move(route),
            .assigns = end.assigns(),
            .redelivered = true});
  membership->Deliver(std::move(frame));
}

void Attachment::Event(v1::ChannelFrame frame) {
  if (const auto membership = Find(frame.channel())) {
    return membership->Deliver(std::move(frame));
  }
  v1::HostFrame done;
  done.set_channel(frame.channel());
  done.mutable_done()->set_callbacks(1);
  Say(std::move(done));
}

void Attachment::Drained() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  drained_ = true;
  state_->changed.notify_all();
}

void Attachment::Terminated(uint64_t channel, const std::string& event_id) {
  v1::HostFrame frame;
  frame.set_channel(channel);
  frame.mutable_terminated()->set_event_id(event_id);
  Say(std::move(frame));
}

std::shared_ptr<Membership> Attachment::Open(uint64_t id,
                                             Membership::Facts facts) {
  auto membership =
      std::make_shared<Membership>(shared_from_this(), std::move(facts));
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    ++state_->channels;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  channels_.insert_or_assign(id, membership);
  return membership;
}

std::shared_ptr<Membership> Attachment::Find(uint64_t id) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto it = channels_.find(id);
  return it == channels_.end() ? nullptr : it->second;
}

}  // namespace aerie::client
