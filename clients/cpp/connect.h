#ifndef AERIE_CLIENTS_CPP_CONNECT_H_
#define AERIE_CLIENTS_CPP_CONNECT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

// Who may open a socket. Phoenix: the connect callback of Phoenix.Socket.
// Values.
namespace aerie::client {

// A client that wants to open a socket.
struct ConnectRequest {
  using NameValues = std::vector<std::pair<std::string, std::string>>;

  // The last of equal names counts; empty when there is none.
  static absl::string_view Last(const NameValues& values,
                                absl::string_view name);
  absl::string_view Param(absl::string_view name) const {
    return Last(params, name);
  }
  // Named in lower case.
  absl::string_view Header(absl::string_view name) const {
    return Last(headers, name);
  }

  // Path of the mount, as configured (`/socket`).
  std::string mount;
  // Query parameters and path variables, in order.
  NameValues params;
  // Those that brokers pass on, named in lower case.
  NameValues headers;
  // Address and port of the client.
  std::string peer;
  // Scheme, host, port, path and query.
  std::string uri;
  // Absent when the client showed none.
  std::optional<std::string> token;
};

struct ConnectResult {
  // `assigns`: a JSON object of at most 3 KiB; empty for `{}`.
  static ConnectResult Accept(std::string socket_id, std::string assigns = "") {
    return {true, std::move(socket_id), std::move(assigns), 0, ""};
  }
  // `status`: HTTP's, 400 to 599. The reason is the body.
  static ConnectResult Refuse(uint32_t status = 403, std::string reason = "") {
    return {false, "", "", status, std::move(reason)};
  }

  bool ok;
  std::string socket_id;  // Empty for none; at most 512 bytes.
  std::string assigns;
  uint32_t status;
  std::string reason;
};

// Called on a thread of the host's pool, many at once. One that throws, or
// gives what the contract does not allow, answers 500.
using ConnectCallback = std::function<ConnectResult(const ConnectRequest&)>;

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_CONNECT_H_
