#ifndef AERIE_CLIENTS_CPP_PHOENIX_PHOENIX_CLIENT_H_
#define AERIE_CLIENTS_CPP_PHOENIX_PHOENIX_CLIENT_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/phoenix/channel.h"
#include "clients/cpp/phoenix/options.h"
#include "clients/cpp/phoenix/push.h"
#include "clients/cpp/phoenix/socket.h"

namespace aerie::client::phx {

class Loop;

// A client of Phoenix Channels: phoenix.js 1.8, for programs in C++. Its
// Socket, and with it channels, pushes and all callbacks, live on one thread,
// the client's own or a Loop that clients share; the program reaches them
// through Post. Callbacks must neither block nor throw.
//
//   PhoenixClient client("ws://localhost:4000/socket");
//   client.Run([&](Socket& socket) {
//     socket.Connect().IgnoreError();
//     room = socket.MakeChannel("room:1", Payload::Json(R"({"user":"ada"})"));
//     room->On("new_msg", [](const Payload& message) { … });
//     room->Join().Receive("ok", [](const Payload& response) { … });
//   });
//   client.Post([&](Socket&) { room->Push("new_msg", hello); });
//
// Any thread, but it is not destroyed by a callback.
class PhoenixClient {
 public:
  using Turn = std::function<void(Socket& socket)>;

  // `loop` null: a thread of its own.
  explicit PhoenixClient(absl::string_view endpoint,
                         const SocketOptions& options = {},
                         std::shared_ptr<Loop> loop = nullptr);
  PhoenixClient(const PhoenixClient&) = delete;
  PhoenixClient& operator=(const PhoenixClient&) = delete;
  // Drops the connection; what Disconnect would have written is lost. No
  // callback runs after it, and no turn.
  ~PhoenixClient();

  // Runs `turn` on the client's thread, behind what was posted before.
  // RESOURCE_EXHAUSTED, and it does not run, when too many wait
  // (Limits::posted_max).
  absl::Status Post(Turn turn);
  // The same, waiting until it has run; at once on that thread itself.
  void Run(const Turn& turn);

  // Socket::Disconnect, waiting until all is written and the connection is
  // closed, three seconds at most. Not on the client's thread.
  void Disconnect();

 private:
  class Core;

  const std::shared_ptr<Loop> loop_;
  std::shared_ptr<Core> core_;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_PHOENIX_CLIENT_H_
