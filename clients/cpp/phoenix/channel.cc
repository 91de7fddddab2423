#include "clients/cpp/phoenix/channel.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/phoenix/socket.h"
#include "proto/phoenix/events.h"
#include "proto/phoenix/json_string.h"

namespace aerie::client::phx {
namespace {

constexpr char kTimeout[] = "timeout";

Payload PayloadOf(const phoenix::WireMessage& message) {
  return message.binary ? Payload::Bytes(message.payload)
                        : Payload::Json(message.payload);
}

Payload Reason(absl::string_view reason) {
  std::string json = R"({"reason":)";
  phoenix::AppendJsonString(reason, &json);
  return Payload::Json(absl::StrCat(json, "}"));
}

}  // namespace

Channel::Channel(Socket& socket, std::string topic, Closure<Payload> params)
    : timers_(socket.timers()),
      socket_(&socket),
      topic_(std::move(topic)),
      timeout_ms_(socket.options().timeout_ms),
      join_push_(NewPush(phoenix::kPhxJoin, std::move(params), timeout_ms_)),
      rejoin_timer_(timers_, socket.options().rejoin_after_ms, [this] {
        if (socket_->IsConnected()) Rejoin();
      }) {
  join_push_->repeats = true;
}

Channel::~Channel() { Abandon(); }

phx::Push Channel::Join(std::optional<int64_t> timeout_ms) {
  if (joined_once_ || socket_ == nullptr || leave_push_ != nullptr) {
    return Refused(
        NewPush(phoenix::kPhxJoin, nullptr, timeout_ms_),
        absl::FailedPreconditionError("a channel is joined once only"));
  }
  joined_once_ = true;
  timeout_ms_ = timeout_ms.value_or(timeout_ms_);
  Rejoin();
  return phx::Push(join_push_);
}

phx::Push Channel::Push(absl::string_view event, Payload payload,
                        std::optional<int64_t> timeout_ms) {
  PushPtr push = NewPush(event, nullptr, timeout_ms.value_or(timeout_ms_));
  push->payload_bytes = payload.text().size();
  if (absl::Status may = MayPush(*push, payload); !may.ok()) {
    return Refused(push, std::move(may));
  }
  push->payload = [payload = std::move(payload)] { return payload; };
  if (CanPush()) {
    Send(push);
  } else {
    StartTimeout(push);
    push_buffer_.push_back(push);
    push_buffer_bytes_ += push->payload_bytes;
  }
  return phx::Push(push);
}

absl::Status Channel::MayPush(const PushState& push,
                              const Payload& payload) const {
  if (!joined_once_ && leave_push_ == nullptr) {
    return absl::FailedPreconditionError("join the channel first");
  }
  if (state_ == State::kClosed || state_ == State::kLeaving) {
    return absl::FailedPreconditionError("the channel is closed");
  }
  const Limits& limits = socket_->options().limits;
  if (pending_.size() >= limits.pending_pushes_max) {
    return absl::ResourceExhaustedError("too many pushes wait for an answer");
  }
  if (CanPush()) return absl::OkStatus();
  if (push_buffer_.size() >= limits.push_buffer_max ||
      push_buffer_bytes_ + push.payload_bytes > limits.send_bytes_max) {
    return absl::ResourceExhaustedError("too many pushes wait for the join");
  }
  // Said now, not when it is too late to say it otherwise.
  return phoenix::EncodeClientMessage({.topic = topic_,
                                       .event = push.event,
                                       .payload = payload.text(),
                                       .binary = payload.binary()})
      .status();
}

phx::Push Channel::Leave(std::optional<int64_t> timeout_ms) {
  if (leave_push_ != nullptr) return phx::Push(leave_push_);
  const PushPtr push = NewPush(
      phoenix::kPhxLeave, [] { return Payload(); },
      timeout_ms.value_or(timeout_ms_));
  leave_push_ = push;
  if (socket_ == nullptr || (joined_once_ && state_ == State::kClosed)) {
    push->received = {"ok", {}};
    return phx::Push(push);
  }
  const bool tell = joined_once_ && socket_->IsConnected();
  rejoin_timer_.Reset();
  join_push_->timeout.Cancel();
  state_ = State::kLeaving;
  if (tell) {
    Send(push);
  } else {
    Answer(push, "ok", {});
  }
  return phx::Push(push);
}

uint64_t Channel::On(absl::string_view event, Callback callback) {
  bindings_[std::string(event)].Add(++binding_ref_, std::move(callback));
  return binding_ref_;
}

void Channel::Off(absl::string_view event, uint64_t ref) {
  const auto hooks = bindings_.find(event);
  if (hooks != bindings_.end()) hooks->second.Remove(ref);
}

void Channel::Off(absl::string_view event) {
  const auto hooks = bindings_.find(event);
  if (hooks == bindings_.end()) return;
  hooks->second.Clear();
  bindings_.erase(hooks);
}

uint64_t Channel::OnError(Callback callback) {
  return On(phoenix::kPhxError, std::move(callback));
}

uint64_t Channel::OnClose(std::function<void()> callback) {
  return On(phoenix::kPhxClose,
            [callback = std::move(callback)](const Payload&) { callback(); });
}

bool Channel::CanPush() const {
  return state_ == State::kJoined && socket_->IsConnected();
}

bool Channel::IsMember(const phoenix::WireMessage& message) const {
  return state_ != State::kClosed && message.topic == topic_ &&
         (message.join_ref.empty() || message.join_ref == join_ref());
}

void Channel::Receive(const phoenix::WireMessage& message) {
  const auto self = shared_from_this();
  if (message.event == phoenix::kPhxReply) {
    if (const PushPtr push = Pending(message.ref)) {
      Answer(push, message.status, PayloadOf(message));
    }
  } else if (message.event == phoenix::kPhxClose) {
    Close();
  } else if (message.event == phoenix::kPhxError) {
    Fail(PayloadOf(message));
  } else {
    Trigger(message.event, PayloadOf(message));
  }
}

void Channel::SocketOpened() {
  rejoin_timer_.Reset();
  if (state_ == State::kErrored) Rejoin();
}

void Channel::ConnectionLost(absl::string_view reason) {
  if (state_ != State::kJoined && state_ != State::kJoining) return;
  Fail(Payload::Json(
      absl::StrCat(R"({"source":"transport","reason":")", reason, R"("})")));
}

// Breaks what refers to the channel, and could be referred to by it.
void Channel::Abandon() {
  for (const auto& [ref, push] : pending_) {
    push->timeout.Cancel();
    push->hooks.clear();
  }
  join_push_->hooks.clear();
  pending_.clear();
  push_buffer_.clear();
  rejoin_timer_.Reset();
  state_ = State::kClosed;
  socket_ = nullptr;
  for (auto& [event, hooks] : bindings_) hooks.Clear();
}

Channel::PushPtr Channel::NewPush(absl::string_view event,
                                  std::function<Payload()> payload,
                                  int64_t timeout_ms) const {
  auto push = std::make_shared<PushState>(timers_);
  push->event = std::string(event);
  push->payload = std::move(payload);
  push->timeout_ms = timeout_ms;
  return push;
}

phx::Push Channel::Refused(const PushPtr& push, absl::Status why) {
  push->received = {"error", Reason(why.message())};
  push->error = std::move(why);
  return phx::Push(push);
}

void Channel::Send(const PushPtr& push) {
  StartTimeout(push);
  const Payload payload = push->payload();
  const absl::Status sent = socket_->Push({.join_ref = join_ref(),
                                           .ref = push->ref,
                                           .topic = topic_,
                                           .event = push->event,
                                           .payload = payload.text(),
                                           .binary = payload.binary()});
  push->error = sent;
  if (!sent.ok()) Answer(push, "error", Reason(sent.message()));
}

void Channel::StartTimeout(const PushPtr& push) {
  pending_.erase(push->ref);
  push->ref = socket_->MakeRef();
  pending_[push->ref] = push;
  push->timeout.Set(push->timeout_ms, [this, ref = push->ref] {
    if (const PushPtr push = Pending(ref)) Answer(push, kTimeout, {});
  });
}

Channel::PushPtr Channel::Pending(const std::string& ref) const {
  const auto push = pending_.find(ref);
  return push == pending_.end() ? nullptr : push->second;
}

// As if it had never been sent; a frame that still waits is taken back.
void Channel::ResetPush(PushState& push) {
  push.timeout.Cancel();
  socket_->Withdraw(push.ref);
  pending_.erase(push.ref);
  push.ref.clear();
  push.received.reset();
}

void Channel::Answer(const PushPtr& push, const std::string& status,
                     const Payload& response) {
  const auto self = shared_from_this();
  push->timeout.Cancel();
  pending_.erase(push->ref);
  Unbuffer(push);
  push->received = {status, response};
  const auto hooks =
      push->repeats ? push->hooks : std::exchange(push->hooks, {});
  if (push == join_push_) JoinAnswered(status);
  if (push == leave_push_ && state_ == State::kLeaving) Close();
  for (const auto& [wanted, callback] : hooks) {
    if (wanted == status) callback(response);
  }
  Forget();
}

void Channel::Unbuffer(const PushPtr& push) {
  const auto waiting =
      std::find(push_buffer_.begin(), push_buffer_.end(), push);
  if (waiting == push_buffer_.end()) return;
  push_buffer_bytes_ -= push->payload_bytes;
  push_buffer_.erase(waiting);
}

void Channel::FlushPushBuffer() {
  const std::deque<PushPtr> buffered = std::exchange(push_buffer_, {});
  push_buffer_bytes_ = 0;
  for (const PushPtr& push : buffered) {
    // A refused one's callback may have left; the rest times out.
    if (!CanPush()) return;
    if (!push->received) Send(push);
  }
}

void Channel::Rejoin() {
  socket_->LeaveOpenTopic(topic_);
  if (leave_push_ != nullptr) return;  // By the other one's callback.
  state_ = State::kJoining;
  ResetPush(*join_push_);
  join_push_->timeout_ms = timeout_ms_;
  Send(join_push_);
}

void Channel::JoinAnswered(const std::string& status) {
  if (state_ == State::kLeaving || state_ == State::kClosed) return;
  if (status == "ok") {
    state_ = State::kJoined;
    rejoin_timer_.Reset();
    FlushPushBuffer();
  } else if (status == "error") {
    state_ = State::kErrored;
    Retry();
  } else if (status == kTimeout) {
    // The server may be joining still.
    if (!socket_->Withdraw(join_ref())) {
      Send(NewPush(
          phoenix::kPhxLeave, [] { return Payload(); }, timeout_ms_));
    }
    state_ = State::kErrored;
    ResetPush(*join_push_);
    Retry();
  }
}

void Channel::Fail(const Payload& reason) {
  if (state_ == State::kLeaving) return Close();
  if (state_ == State::kJoining) ResetPush(*join_push_);
  state_ = State::kErrored;
  Retry();
  Trigger(phoenix::kPhxError, reason);
}

void Channel::Retry() {
  if (socket_->IsConnected()) rejoin_timer_.Schedule();
}

void Channel::Close() {
  const auto self = shared_from_this();
  rejoin_timer_.Reset();
  ResetPush(*join_push_);
  join_push_->hooks.clear();
  state_ = State::kClosed;
  push_buffer_.clear();
  push_buffer_bytes_ = 0;
  socket_->Retire(*this);
  const PushPtr leave = leave_push_;
  if (leave != nullptr && pending_.contains(leave->ref)) {
    Answer(leave, "ok", {});
  }
  Trigger(phoenix::kPhxClose, {});
  for (auto& [event, hooks] : bindings_) hooks.Clear();
  Forget();
}

// Pushes that wait keep a channel that is over.
void Channel::Forget() {
  if (state_ != State::kClosed || !pending_.empty() || socket_ == nullptr) {
    return;
  }
  std::exchange(socket_, nullptr)->Forget(*this);
}

void Channel::Trigger(absl::string_view event, const Payload& payload) {
  const auto self = shared_from_this();
  const auto hooks = bindings_.find(event);
  if (hooks != bindings_.end()) hooks->second.Call(payload);
}

}  // namespace aerie::client::phx
