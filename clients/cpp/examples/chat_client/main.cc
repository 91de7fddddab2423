// A chat in the terminal: what is typed goes to everybody in the room.
//
//   chat_client ws://127.0.0.1:4000/socket ada room:lobby
//
// AERIE_TOKEN_FILE is a token for the edge, AERIE_CA_FILE what it shows with
// wss. The room is that of examples/chat.
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "clients/cpp/phoenix/phoenix_client.h"
#include "nlohmann/json.hpp"

namespace {

using aerie::client::Payload;
namespace phx = aerie::client::phx;
using Json = nlohmann::json;

void Print(const Payload& message) {
  const Json json = Json::parse(message.text(), nullptr, false);
  if (!json.is_object()) return;
  std::cout << json.value("user", "?") << ": " << json.value("body", "") << "\n"
            << std::flush;
}

phx::SocketOptions Options() {
  phx::SocketOptions options;
  const char* token = std::getenv("AERIE_TOKEN_FILE");
  if (token != nullptr) options.auth_token = aerie::client::TokenFile(token);
  const char* ca = std::getenv("AERIE_CA_FILE");
  if (ca != nullptr) options.tls.ca_file = ca;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: chat_client URL USER TOPIC\n";
    return 2;
  }
  std::promise<void> joined;
  bool joined_before = false;
  absl::Status connected;
  std::shared_ptr<phx::Channel> room;
  // Last: its callbacks use what is above.
  phx::PhoenixClient client(argv[1], Options());
  client.Run([&](phx::Socket& socket) {
    socket.OnError(
        [](const absl::Status& error) { std::cerr << error << "\n"; });
    const Json user = {{"user", argv[2]}};
    room = socket.MakeChannel(argv[3], Payload::Json(user.dump()));
    room->On("new_msg", Print);
    room->OnError([](const Payload&) { std::cerr << "joining again …\n"; });
    room->Join()
        .Receive("ok",
                 [&](const Payload&) {
                   std::cerr << "joined\n";
                   if (!std::exchange(joined_before, true)) joined.set_value();
                 })
        .Receive("error", [](const Payload& response) {
          std::cerr << "not joined: " << response.text() << "\n";
        });
    connected = socket.Connect();
  });
  if (!connected.ok()) {
    std::cerr << connected << "\n";
    return 2;
  }
  joined.get_future().wait();
  for (std::string line; std::getline(std::cin, line);) {
    client.Run([&](phx::Socket&) {
      room->Push("new_msg", Payload::Json(Json{{"body", line}}.dump()))
          .Receive("error",
                   [](const Payload& response) {
                     std::cerr << "not sent: " << response.text() << "\n";
                   })
          .Receive("timeout",
                   [](const Payload&) { std::cerr << "no answer\n"; });
    });
  }
  client.Run([&](phx::Socket&) { room->Leave(); });
  client.Disconnect();
}
