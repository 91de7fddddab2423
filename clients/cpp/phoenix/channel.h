#ifndef AERIE_CLIENTS_CPP_PHOENIX_CHANNEL_H_
#define AERIE_CLIENTS_CPP_PHOENIX_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/payload.h"
#include "clients/cpp/phoenix/hooks.h"
#include "clients/cpp/phoenix/options.h"
#include "clients/cpp/phoenix/push.h"
#include "clients/cpp/phoenix/timers.h"
#include "proto/phoenix/client_serializer.h"

namespace aerie::client::phx {

class Socket;

// A client's membership of one topic, from Join to the end: it joins again by
// itself whenever the server's channel crashes or the connection is lost.
// phoenix.js: Channel. Lives on the socket's thread; made by
// Socket::MakeChannel. Outlived by its Socket it is closed.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  // kErrored: to be joined again. kClosed: not yet joined, or over.
  enum class State { kClosed, kErrored, kJoined, kJoining, kLeaving };
  using Callback = std::function<void(const Payload& payload)>;

  Channel(Socket& socket, std::string topic, Closure<Payload> params);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  const std::string& topic() const { return topic_; }
  State state() const { return state_; }
  // Of the latest join; empty: there is none.
  const std::string& join_ref() const { return join_push_->ref; }

  // Joins, once per channel; another channel of the topic is left. `timeout_ms`
  // is also that of later pushes.
  phx::Push Join(std::optional<int64_t> timeout_ms = std::nullopt);

  // After Join. What is pushed before the server has answered waits for it;
  // the time in which an answer must come runs meanwhile.
  phx::Push Push(absl::string_view event, Payload payload = {},
                 std::optional<int64_t> timeout_ms = std::nullopt);

  // Ends it: closed when the server has answered, or in time; at once when
  // there is no connection.
  phx::Push Leave(std::optional<int64_t> timeout_ms = std::nullopt);

  // What the server pushes and broadcasts. Returns what Off takes.
  uint64_t On(absl::string_view event, Callback callback);
  void Off(absl::string_view event, uint64_t ref);
  // All callbacks of an event.
  void Off(absl::string_view event);

  // It is to be joined again: the server's channel has crashed, or the
  // connection is lost, which `reason` says then ({"source":"transport"}).
  // Event `phx_error`.
  uint64_t OnError(Callback callback);
  // It is over: left, or closed by the server. Event `phx_close`.
  uint64_t OnClose(std::function<void()> callback);

  // Whether a push would be sent at once.
  bool CanPush() const;

 private:
  friend class Socket;
  using PushPtr = std::shared_ptr<PushState>;

  // From the socket.
  bool IsMember(const phoenix::WireMessage& message) const;
  void Receive(const phoenix::WireMessage& message);
  void SocketOpened();
  void SocketFailed() { rejoin_timer_.Reset(); }
  // The connection is lost.
  void ConnectionLost(absl::string_view reason);
  // The socket is going away.
  void Abandon();

  PushPtr NewPush(absl::string_view event, std::function<Payload()> payload,
                  int64_t timeout_ms) const;
  phx::Push Refused(const PushPtr& push, absl::Status why);
  absl::Status MayPush(const PushState& push, const Payload& payload) const;
  void Send(const PushPtr& push);
  void StartTimeout(const PushPtr& push);
  // What waits for an answer; null: nothing does.
  PushPtr Pending(const std::string& ref) const;
  void ResetPush(PushState& push);
  // `push` outlives what `pending_` holds.
  void Answer(const PushPtr& push, const std::string& status,
              const Payload& response);
  void Unbuffer(const PushPtr& push);
  void FlushPushBuffer();

  void Rejoin();
  void JoinAnswered(const std::string& status);
  void Fail(const Payload& reason);
  void Retry();
  void Close();
  void Forget();
  void Trigger(absl::string_view event, const Payload& payload);

  Timers& timers_;
  Socket* socket_;  // Null: it is over and forgotten.
  const std::string topic_;
  int64_t timeout_ms_;
  State state_ = State::kClosed;
  bool joined_once_ = false;
  const PushPtr join_push_;
  PushPtr leave_push_;
  RetryTimer rejoin_timer_;
  // Said before the channel was joined; they are pending as well.
  std::deque<PushPtr> push_buffer_;
  size_t push_buffer_bytes_ = 0;
  // By ref: what waits for an answer.
  absl::flat_hash_map<std::string, PushPtr> pending_;
  absl::flat_hash_map<std::string, Hooks<const Payload&>> bindings_;
  uint64_t binding_ref_ = 0;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_CHANNEL_H_
