#ifndef AERIE_CLIENTS_CPP_PHOENIX_SOCKET_H_
#define AERIE_CLIENTS_CPP_PHOENIX_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/payload.h"
#include "clients/cpp/phoenix/channel.h"
#include "clients/cpp/phoenix/endpoint.h"
#include "clients/cpp/phoenix/hooks.h"
#include "clients/cpp/phoenix/options.h"
#include "clients/cpp/phoenix/timers.h"
#include "clients/cpp/phoenix/transport.h"
#include "proto/phoenix/client_serializer.h"

namespace aerie::client::phx {

// A connection to a mount and the channels on it: it connects again whenever
// it is lost, and its channels join again. phoenix.js: Socket, as 1.8.12
// behaves; like it, it stays closed after the server's close code 1000.
// One thread, on which all callbacks run too; knows no network and no clock.
// Not destroyed by a callback.
class Socket {
 public:
  enum class State { kClosed, kConnecting, kOpen, kClosing };

  Socket(absl::string_view endpoint, SocketOptions options, Timers& timers,
         TransportFactory make_transport);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  // Without a word to the server; channels are over and call nobody.
  ~Socket();

  // Connects, unless it does or is. INVALID_ARGUMENT for an endpoint that is
  // no URL of a WebSocket; whatever goes wrong later is told to OnError.
  absl::Status Connect();

  // Writes what was said, closes, and stays closed until the next Connect.
  // `done` is called when that is over, in three seconds at most; at once when
  // there is nothing to close.
  void Disconnect(std::function<void()> done = nullptr,
                  uint16_t code = kCloseNormal, const std::string& reason = {});

  // A new channel, to be joined. Null when there are too many
  // (Limits::channels_max). `params` is the payload of its joins.
  std::shared_ptr<Channel> MakeChannel(absl::string_view topic,
                                       Closure<Payload> params = {});

  // Each returns what Off takes.
  uint64_t OnOpen(std::function<void()> callback);
  uint64_t OnClose(std::function<void(const CloseEvent&)> callback);
  uint64_t OnError(std::function<void(const absl::Status&)> callback);
  uint64_t OnMessage(std::function<void(const phoenix::WireMessage&)> callback);
  void Off(uint64_t ref);

  State state() const { return state_; }
  bool IsConnected() const { return state_ == State::kOpen; }
  const SocketOptions& options() const { return options_; }

 private:
  friend class Channel;
  class Connection;

  // For channels.
  Timers& timers() { return timers_; }
  std::string MakeRef();
  // Sends it, or keeps it until the socket is open.
  absl::Status Push(const phoenix::WireMessage& message);
  // Takes back what was said with this ref; false: too late.
  bool Withdraw(const std::string& ref);
  void LeaveOpenTopic(const std::string& topic);
  // It is over; it is kept until its pushes are answered.
  void Retire(Channel& channel);
  void Forget(const Channel& channel);

  // From the connection.
  void Opened();
  void Received(phoenix::Opcode opcode, absl::string_view bytes);
  void Closed(const CloseEvent& event);

  void TransportConnect();
  void Teardown(std::function<void()> then, uint16_t code,
                const std::string& reason);
  void Detach();
  void FlushSendBuffer();
  void LoseChannels(absl::string_view reason);
  void ExpectHeartbeat();
  void SendHeartbeat();
  void HeartbeatTimeout();
  void ClearHeartbeats();

  struct Buffered {
    std::string ref;
    phoenix::Frame frame;
  };

  Timers& timers_;
  const SocketOptions options_;
  const absl::StatusOr<Endpoint> endpoint_;
  const TransportFactory make_transport_;

  State state_ = State::kClosed;
  bool close_was_clean_ = false;
  std::unique_ptr<Connection> connection_;
  // Of the socket no more, and still saying goodbye.
  std::unique_ptr<Connection> leaving_;
  std::function<void()> after_teardown_;
  Alarm teardown_alarm_;
  RetryTimer reconnect_timer_;

  Alarm heartbeat_alarm_;
  Alarm heartbeat_timeout_alarm_;
  std::string pending_heartbeat_ref_;

  std::vector<std::shared_ptr<Channel>> channels_;
  std::vector<std::shared_ptr<Channel>> retired_;
  std::deque<Buffered> send_buffer_;
  size_t send_buffer_bytes_ = 0;
  uint64_t ref_ = 0;

  uint64_t hook_ref_ = 0;
  Hooks<> open_hooks_;
  Hooks<const CloseEvent&> close_hooks_;
  Hooks<const absl::Status&> error_hooks_;
  Hooks<const phoenix::WireMessage&> message_hooks_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_SOCKET_H_
