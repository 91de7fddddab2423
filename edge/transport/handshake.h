#ifndef AERIE_EDGE_TRANSPORT_HANDSHAKE_H_
#define AERIE_EDGE_TRANSPORT_HANDSHAKE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "edge/causes.h"
#include "edge/transport/mount.h"
#include "edge/transport/proxies.h"
#include "edge/transport/request.h"
#include "proto/aerie/v1/edge_link.pb.h"

// The WebSocket handshake as a table of checks. Phoenix: Phoenix.Transports.
// WebSocket. Pure functions: any thread.
namespace aerie::edge {

struct HandshakeRefusal {
  RefusalCause cause;
  uint32_t status;
  std::string body;
  uint32_t retry_after_s = 0;  // As Response::Text's.
};

// What the broker is asked, and what the answer to the client will say.
struct Handshake {
  v1::Connect connect;
  v1::Dialect dialect = v1::DIALECT_UNSPECIFIED;
  std::string subprotocol;  // Empty for none.
};

// Everything that comes before the question to the broker, in the order of
// Phoenix: method, query, Origin, auth token, subprotocols, version.
std::variant<HandshakeRefusal, Handshake> CheckHandshake(
    const Request& request, const Route& route, const Provenance& provenance);

// What comes after the broker's consent: the headers of RFC 6455 section 4.2.1.
// The key's value is nobody's business.
absl::optional<HandshakeRefusal> CheckUpgradeHeaders(const Request& request);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string AcceptKey(absl::string_view key);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_HANDSHAKE_H_
