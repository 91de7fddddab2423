#include "clients/cpp/membership.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "clients/cpp/limits.h"
#include "clients/cpp/rules.h"
#include "common/log.h"

namespace aerie::client {
namespace {

using Kind = v1::ChannelFrame::FrameCase;

void Throw(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

const char* CallbackName(Kind kind) {
  switch (kind) {
    case Kind::kHandleIn:
      return "HandleIn";
    case Kind::kHandleOut:
      return "HandleOut";
    default:
      return "HandleInfo";
  }
}

}  // namespace

Membership::Membership(std::shared_ptr<Uplink> uplink, Facts facts)
    : uplink_(std::move(uplink)),
      facts_(std::move(facts)),
      // Its broadcasts go out; brokers drop the rest.
      phase_(facts_.redelivered ? Phase::kStopping : Phase::kJoining),
      assigns_(facts_.assigns) {}

bool Membership::Credited(const Entry& entry) {
  if (entry.kind != Entry::Kind::kFrame) return false;
  switch (entry.frame.frame_case()) {
    case Kind::kHandleIn:
    case Kind::kHandleOut:
    case Kind::kHandleInfo:
      return true;
    default:
      return false;
  }
}

void Membership::Deliver(v1::ChannelFrame frame) {
  Queue({Entry::Kind::kFrame, std::move(frame)});
}

void Membership::Lost() { Queue({Entry::Kind::kLost, {}}); }

// False: too many messages to itself wait.
bool Membership::Queue(Entry entry) {
  bool wake = false;
  {
    std::unique_lock<std::mutex> lock(mailbox_);
    if (closed_) {
      lock.unlock();
      Drop(entry);
      return true;
    }
    if (entry.kind == Entry::Kind::kSelf &&
        ++self_sends_ > limits::kSelfSendsMax) {
      --self_sends_;
      return false;
    }
    entries_.push_back(std::move(entry));
    wake = !std::exchange(running_, true);
  }
  if (wake) uplink_->Schedule(shared_from_this());
  return true;
}

void Membership::Wake() {
  {
    std::lock_guard<std::mutex> lock(mailbox_);
    if (closed_ || std::exchange(running_, true)) return;
  }
  uplink_->Schedule(shared_from_this());
}

bool Membership::Take(Entry* entry) {
  std::lock_guard<std::mutex> lock(mailbox_);
  if (entries_.empty()) {
    running_ = false;
    return false;
  }
  *entry = std::move(entries_.front());
  entries_.pop_front();
  if (entry->kind == Entry::Kind::kSelf) --self_sends_;
  return true;
}

void Membership::Run() {
  Entry entry;
  while (true) {
    if (phase() == Phase::kExiting) Finish({.reason = exit_});
    if (!Take(&entry)) break;
    Handle(std::move(entry));
  }
  // A Stop from outside may have found it running.
  if (phase() == Phase::kExiting) Wake();
}

void Membership::Handle(Entry entry) {
  if (entry.kind == Entry::Kind::kLost) {
    if (phase() != Phase::kEnded) Finish({.reason = ExitReason::kHostLost});
    return;
  }
  switch (entry.frame.frame_case()) {
    case Kind::kJoin:
      return Join(entry.frame.join());
    case Kind::kTerminate:
      return Terminate(entry.frame.terminate());
    default:
      break;
  }
  if (phase() == Phase::kJoined) {
    const bool returned = Guard(CallbackName(entry.frame.frame_case()),
                                [&] { Call(entry.frame); });
    // Nothing is wrong with what it says.
    if (!returned) Stop(ExitReason::kCrash, std::nullopt, "").IgnoreError();
  }
  Done(Credited(entry) ? 1 : 0);
}

void Membership::Call(v1::ChannelFrame& frame) {
  switch (frame.frame_case()) {
    case Kind::kHandleIn:
      return In(*frame.mutable_handle_in());
    case Kind::kHandleOut: {
      v1::ChannelFrame::HandleOut& out = *frame.mutable_handle_out();
      return Obey(channel_->HandleOut(
          out.event(), Payload::FromProto(std::move(*out.mutable_payload()))));
    }
    default: {
      v1::ChannelFrame::HandleInfo& info = *frame.mutable_handle_info();
      return Obey(channel_->HandleInfo(
          info.event(),
          Payload::FromProto(std::move(*info.mutable_payload()))));
    }
  }
}

void Membership::In(v1::ChannelFrame::HandleIn& in) {
  Result result =
      channel_->HandleIn({std::move(*in.mutable_event()),
                          Payload::FromProto(std::move(*in.mutable_payload())),
                          Ref(shared_from_this(), in.ref())});
  if (result.stop) {
    Throw(Stop(*result.stop, std::move(result.answer), in.ref()));
  } else if (result.answer) {
    Throw(Reply(in.ref(), result.answer->status,
                std::move(result.answer->payload)));
  }
}

void Membership::Obey(const Next& next) {
  if (next.stop) Throw(Stop(*next.stop, std::nullopt, ""));
}

void Membership::Join(const v1::ChannelFrame::Join& join) {
  if (uplink_->lost()) return Close();  // Nobody waits for the answer.
  v1::HostFrame frame = Frame();
  v1::HostFrame::JoinReply& reply = *frame.mutable_join_reply();
  if (!AskJoin(join, &reply)) {
    reply.Clear();
    reply.set_crashed(true);
  }
  const bool ok = reply.ok();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    phase_ = ok ? Phase::kJoined : Phase::kEnded;
    if (ok) {
      for (std::string& event : intercepts_) {
        reply.add_intercepts(std::move(event));
      }
      if (assigned_) reply.set_assigns(assigns_.Text());
    }
    uplink_->Say(std::move(frame));
  }
  if (!ok) Close();
}

bool Membership::AskJoin(const v1::ChannelFrame::Join& join,
                         v1::HostFrame::JoinReply* reply) {
  return MakeChannel() && Guard("Join", [&] {
           JoinResult result =
               channel_->Join(Payload::FromProto(join.payload()));
           Throw(CheckPayload(result.payload, uplink_->payload_bytes_max()));
           reply->set_ok(result.ok);
           *reply->mutable_payload() = std::move(result.payload).ToProto();
         });
}

void Membership::Terminate(const v1::ChannelFrame::Terminate& terminate) {
  if (terminate.reason() == v1::EXIT_REASON_LEFT) {
    v1::HostFrame frame = Frame();
    frame.mutable_left();
    uplink_->Say(std::move(frame));
  }
  if (channel_ == nullptr) MakeChannel();  // Redelivered: no join was here.
  uplink_->ends().Add(Ends::EventKey(terminate.event_id()), ending_);
  Finish({.reason = static_cast<ExitReason>(terminate.reason()),
          .event_id = terminate.event_id(),
          .redelivered = terminate.redelivered()});
  Terminated(terminate.event_id());
}

// Runs terminate, and ends the channel.
void Membership::Finish(const End& end) {
  uplink_->ends().Add(Ends::ChannelKey(uplink_->broker(), facts_.id), ending_);
  if (channel_ != nullptr) {
    Guard("Terminate", [&] { channel_->Terminate(end); });
  }
  Close();
}

// Forgets the channel, and drops what still waits in it.
void Membership::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    phase_ = Phase::kEnded;
  }
  std::deque<Entry> rest;
  {
    std::lock_guard<std::mutex> lock(mailbox_);
    if (std::exchange(closed_, true)) return;
    rest.swap(entries_);
  }
  Done(std::count_if(rest.begin(), rest.end(), Credited));
  for (const Entry& entry : rest) DropTerminate(entry);
  channel_ = nullptr;
  ending_->SetOver();
  uplink_->Forget(*this);
}

// Gives the broker the answer that it waits for, and does nothing else.
void Membership::Drop(const Entry& entry) {
  Done(Credited(entry) ? 1 : 0);
  DropTerminate(entry);
}

void Membership::DropTerminate(const Entry& entry) {
  if (entry.frame.has_terminate()) {
    Terminated(entry.frame.terminate().event_id());
  }
}

bool Membership::MakeChannel() {
  return Guard("constructor", [this] {
    channel_ = facts_.route->make();
    if (channel_ == nullptr) throw std::runtime_error("there is no channel");
    channel_->membership_ = shared_from_this();
  });
}

bool Membership::Guard(const char* callback,
                       const std::function<void()>& call) {
  std::string error = "not a std::exception";
  try {
    call();
    return true;
  } catch (const std::exception& e) {
    error = e.what();
  } catch (...) {  // The application may throw what it likes.
  }
  log::Error(
      "callback failed",
      {{"topic", facts_.topic}, {"callback", callback}, {"error", error}});
  return false;
}

}  // namespace aerie::client
