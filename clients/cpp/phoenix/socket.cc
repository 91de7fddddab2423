#include "clients/cpp/phoenix/socket.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "proto/phoenix/events.h"

namespace aerie::client::phx {
namespace {

constexpr char kConnectionError[] = "connection_error";
constexpr char kConnectionClosed[] = "connection_closed";
constexpr char kHeartbeatTimeout[] = "heartbeat_timeout";

void Erase(const Channel& channel,
           std::vector<std::shared_ptr<Channel>>& channels) {
  channels.erase(std::remove_if(channels.begin(), channels.end(),
                                [&channel](const auto& one) {
                                  return one.get() == &channel;
                                }),
                 channels.end());
}

}  // namespace

// What a transport tells, passed on while the socket still cares.
class Socket::Connection final : public Transport::Listener {
 public:
  Connection(Socket& socket, const ConnectRequest& request)
      : socket_(socket), transport_(socket.make_transport_(request, *this)) {}

  Transport& transport() { return *transport_; }
  void Detach() { detached_ = true; }

  void Opened() override {
    if (!detached_) socket_.Opened();
  }
  void Received(phoenix::Opcode opcode, absl::string_view bytes) override {
    if (!detached_) socket_.Received(opcode, bytes);
  }
  void Closed(const CloseEvent& event) override {
    if (detached_) {
      socket_.leaving_.reset();
    } else {
      socket_.Closed(event);
    }
  }

 private:
  Socket& socket_;
  bool detached_ = false;
  const std::unique_ptr<Transport> transport_;
};

Socket::Socket(absl::string_view endpoint, SocketOptions options,
               Timers& timers, TransportFactory make_transport)
    : timers_(timers),
      options_(std::move(options)),
      endpoint_(ParseEndpoint(endpoint)),
      make_transport_(std::move(make_transport)),
      teardown_alarm_(timers),
      reconnect_timer_(timers, options_.reconnect_after_ms,
                       [this] { TransportConnect(); }),
      heartbeat_alarm_(timers),
      heartbeat_timeout_alarm_(timers) {}

Socket::~Socket() {
  for (const auto& channel : channels_) channel->Abandon();
  for (const auto& channel : retired_) channel->Abandon();
}

absl::Status Socket::Connect() {
  if (!endpoint_.ok()) return endpoint_.status();
  if (state_ == State::kConnecting || state_ == State::kOpen) {
    return absl::OkStatus();
  }
  if (state_ == State::kClosing) Detach();
  reconnect_timer_.Cancel();
  TransportConnect();
  return absl::OkStatus();
}

void Socket::Disconnect(std::function<void()> done, uint16_t code,
                        const std::string& reason) {
  close_was_clean_ = true;
  reconnect_timer_.Reset();
  Teardown(std::move(done), code, reason);
}

std::shared_ptr<Channel> Socket::MakeChannel(absl::string_view topic,
                                             Closure<Payload> params) {
  if (channels_.size() >= options_.limits.channels_max) return nullptr;
  channels_.push_back(
      std::make_shared<Channel>(*this, std::string(topic), std::move(params)));
  return channels_.back();
}

uint64_t Socket::OnOpen(std::function<void()> callback) {
  open_hooks_.Add(++hook_ref_, std::move(callback));
  return hook_ref_;
}

uint64_t Socket::OnClose(std::function<void(const CloseEvent&)> callback) {
  close_hooks_.Add(++hook_ref_, std::move(callback));
  return hook_ref_;
}

uint64_t Socket::OnError(std::function<void(const absl::Status&)> callback) {
  error_hooks_.Add(++hook_ref_, std::move(callback));
  return hook_ref_;
}

uint64_t Socket::OnMessage(
    std::function<void(const phoenix::WireMessage&)> callback) {
  message_hooks_.Add(++hook_ref_, std::move(callback));
  return hook_ref_;
}

void Socket::Off(uint64_t ref) {
  open_hooks_.Remove(ref);
  close_hooks_.Remove(ref);
  error_hooks_.Remove(ref);
  message_hooks_.Remove(ref);
}

std::string Socket::MakeRef() {
  ref_ = ref_ >= options_.limits.ref_max ? 0 : ref_ + 1;
  return absl::StrCat(ref_);
}

absl::Status Socket::Push(const phoenix::WireMessage& message) {
  absl::StatusOr<phoenix::Frame> frame = phoenix::EncodeClientMessage(message);
  if (!frame.ok()) return frame.status();
  if (IsConnected()) {
    if (connection_->transport().Send(*std::move(frame))) {
      return absl::OkStatus();
    }
    return absl::ResourceExhaustedError("the server does not read");
  }
  const size_t bytes = send_buffer_bytes_ + frame->bytes->size();
  if (send_buffer_.size() >= options_.limits.send_buffer_frames_max ||
      bytes > options_.limits.send_bytes_max) {
    return absl::ResourceExhaustedError("too much waits for the connection");
  }
  send_buffer_bytes_ = bytes;
  send_buffer_.push_back({message.ref, *std::move(frame)});
  return absl::OkStatus();
}

bool Socket::Withdraw(const std::string& ref) {
  const auto buffered =
      std::find_if(send_buffer_.begin(), send_buffer_.end(),
                   [&ref](const Buffered& one) { return one.ref == ref; });
  if (buffered == send_buffer_.end()) return false;
  send_buffer_bytes_ -= buffered->frame.bytes->size();
  send_buffer_.erase(buffered);
  return true;
}

void Socket::LeaveOpenTopic(const std::string& topic) {
  const auto open = std::find_if(
      channels_.begin(), channels_.end(), [&topic](const auto& channel) {
        return channel->topic() == topic &&
               (channel->state() == Channel::State::kJoined ||
                channel->state() == Channel::State::kJoining);
      });
  if (open == channels_.end()) return;
  const std::shared_ptr<Channel> channel = *open;
  channel->Leave();
}

void Socket::Retire(Channel& channel) {
  retired_.push_back(channel.shared_from_this());
  Erase(channel, channels_);
}

void Socket::Forget(const Channel& channel) { Erase(channel, retired_); }

void Socket::TransportConnect() {
  close_was_clean_ = false;
  state_ = State::kConnecting;
  ConnectRequest request{
      *endpoint_, WebSocketTarget(*endpoint_, options_.params()), {}};
  if (options_.auth_token != nullptr) {
    const absl::StatusOr<std::string> token = options_.auth_token();
    if (!token.ok()) {
      // As a connection that fails, which never does so at once.
      teardown_alarm_.Set(0, [this, status = token.status()] {
        Closed({.code = kCloseAbnormal, .reason = {}, .error = status});
      });
      return;
    }
    request.subprotocols = TokenSubprotocols(*token);
  }
  connection_ = std::make_unique<Connection>(*this, request);
}

void Socket::Teardown(std::function<void()> then, uint16_t code,
                      const std::string& reason) {
  if (state_ == State::kClosed) {
    if (then != nullptr) then();
    return;
  }
  after_teardown_ = [before = std::move(after_teardown_),
                     then = std::move(then)] {
    if (before != nullptr) before();
    if (then != nullptr) then();
  };
  if (state_ == State::kClosing) return;
  state_ = State::kClosing;
  ClearHeartbeats();
  teardown_alarm_.Set(
      connection_ == nullptr ? 0 : options_.limits.close_timeout_ms, [this] {
        Closed({.code = kCloseAbnormal, .reason = "no answer to close"});
      });
  if (connection_ != nullptr) connection_->transport().Close(code, reason);
}

// Lets a connection that is closing do so by itself.
void Socket::Detach() {
  if (connection_ != nullptr) connection_->Detach();
  leaving_ = std::move(connection_);
  Closed({.code = kCloseNormal});
}

void Socket::Opened() {
  if (state_ != State::kConnecting) return;  // It is being closed.
  state_ = State::kOpen;
  FlushSendBuffer();
  reconnect_timer_.Reset();
  ExpectHeartbeat();
  const std::vector<std::shared_ptr<Channel>> channels = channels_;
  for (const auto& channel : channels) channel->SocketOpened();
  open_hooks_.Call();
}

void Socket::FlushSendBuffer() {
  for (Buffered& buffered : send_buffer_) {
    // A connection that is new has room for all that the buffer has.
    connection_->transport().Send(std::move(buffered.frame));
  }
  send_buffer_.clear();
  send_buffer_bytes_ = 0;
}

void Socket::Received(phoenix::Opcode opcode, absl::string_view bytes) {
  phoenix::WireMessage message;
  const absl::Status status =
      phoenix::DecodeServerFrame(opcode, bytes, &message);
  if (!status.ok()) {
    log::Warning("phoenix client frame ignored",
                 {{"reason", status.message()}});
    return;
  }
  if (!message.ref.empty() && message.ref == pending_heartbeat_ref_) {
    ExpectHeartbeat();
  }
  std::vector<std::shared_ptr<Channel>> channels;
  std::copy_if(channels_.begin(), channels_.end(), std::back_inserter(channels),
               [&message](const auto& channel) {
                 return channel->topic() == message.topic;
               });
  for (const auto& channel : channels) {
    if (channel->IsMember(message)) channel->Receive(message);
  }
  message_hooks_.Call(message);
}

void Socket::Closed(const CloseEvent& event) {
  const auto connection = std::move(connection_);
  state_ = State::kClosed;
  teardown_alarm_.Cancel();
  ClearHeartbeats();
  if (!event.error.ok()) {
    for (const auto& channel : channels_) channel->SocketFailed();
    error_hooks_.Call(event.error);
    LoseChannels(kConnectionError);
  }
  LoseChannels(kConnectionClosed);
  if (!close_was_clean_ && event.code != kCloseNormal &&
      state_ == State::kClosed) {
    reconnect_timer_.Schedule();
  }
  const auto then = std::exchange(after_teardown_, nullptr);
  close_hooks_.Call(event);
  if (then != nullptr) then();
}

void Socket::LoseChannels(absl::string_view reason) {
  const std::vector<std::shared_ptr<Channel>> channels = channels_;
  for (const auto& channel : channels) channel->ConnectionLost(reason);
}

// The next heartbeat is due; none is under way.
void Socket::ExpectHeartbeat() {
  ClearHeartbeats();
  heartbeat_alarm_.Set(options_.heartbeat_interval_ms,
                       [this] { SendHeartbeat(); });
}

void Socket::SendHeartbeat() {
  pending_heartbeat_ref_ = MakeRef();
  // One that finds no room has no answer, which is what ends the connection.
  Push({.ref = pending_heartbeat_ref_,
        .topic = std::string(phoenix::kPhoenixTopic),
        .event = std::string(phoenix::kHeartbeat)})
      .IgnoreError();
  heartbeat_timeout_alarm_.Set(options_.heartbeat_interval_ms,
                               [this] { HeartbeatTimeout(); });
}

void Socket::HeartbeatTimeout() {
  Teardown(
      [this] {
        // Unless a Disconnect came meanwhile.
        if (!close_was_clean_) reconnect_timer_.Schedule();
      },
      kCloseNormal, "heartbeat timeout");
  LoseChannels(kHeartbeatTimeout);
}

void Socket::ClearHeartbeats() {
  pending_heartbeat_ref_.clear();
  heartbeat_alarm_.Cancel();
  heartbeat_timeout_alarm_.Cancel();
}

}  // namespace aerie::client::phx
