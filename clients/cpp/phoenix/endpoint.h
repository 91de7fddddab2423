#ifndef AERIE_CLIENTS_CPP_PHOENIX_ENDPOINT_H_
#define AERIE_CLIENTS_CPP_PHOENIX_ENDPOINT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie::client::phx {

// Where a mount is: `ws://localhost:4000/socket`, `wss://example.com/socket`.
struct Endpoint {
  bool tls = false;
  std::string host;  // Without brackets.
  std::string port;
  std::string path;  // Of the mount: `/socket`.

  // The value of the Host header.
  std::string Authority() const;
};

// What a socket tells the server's connect callback, in the query.
using Params = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT unless it is a URL of ws, wss, http or https without
// query, fragment and user.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view url);

// Path and query of the WebSocket below a mount: `params`, then `vsn`.
std::string WebSocketTarget(const Endpoint& endpoint, const Params& params);

// The value of Sec-WebSocket-Protocol that shows a token. phoenix.js 1.8:
// `authToken`.
std::string TokenSubprotocols(absl::string_view token);

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_ENDPOINT_H_
