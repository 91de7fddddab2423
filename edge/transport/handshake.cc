#include "edge/transport/handshake.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "edge/transport/connect_request.h"
#include "edge/transport/query.h"
#include "edge/transport/subprotocol.h"
#include "edge/transport/version.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

constexpr absl::string_view kSubprotocolHeader = "sec-websocket-protocol";

HandshakeRefusal Refuse(RefusalCause cause, uint32_t status) {
  return {cause, status, ""};
}

bool IsFounding(Endpoint endpoint) {
  return endpoint == Endpoint::kFoundingWebSocket;
}

// The founding dialect has no subprotocols: its clients offer none.
absl::StatusOr<Subprotocol> SubprotocolOf(const Request& request,
                                          const Route& route) {
  if (IsFounding(route.endpoint)) return Subprotocol();
  return ChooseSubprotocol(request.Headers(kSubprotocolHeader),
                           route.mount->options());
}

}  // namespace

std::variant<HandshakeRefusal, Handshake> CheckHandshake(
    const Request& request, const Route& route, const Provenance& provenance) {
  const MountOptions& mount = route.mount->options();
  if (request.method != "GET") return Refuse(RefusalCause::kMethod, 400);

  absl::StatusOr<Params> params = ParseQuery(request.query());
  if (!params.ok() || !phoenix::IsValidUtf8(request.target) ||
      !phoenix::IsValidUtf8(provenance.site.host)) {
    return Refuse(RefusalCause::kQuery, 400);
  }
  if (!route.mount->origin().Allows(request.Header("origin"),
                                    provenance.site)) {
    return Refuse(RefusalCause::kOrigin, 403);
  }
  absl::StatusOr<Subprotocol> subprotocol = SubprotocolOf(request, route);
  if (absl::IsInvalidArgument(subprotocol.status())) {
    return Refuse(RefusalCause::kToken, 400);
  }
  if (!subprotocol.ok()) return Refuse(RefusalCause::kSubprotocol, 403);
  const v1::Dialect dialect =
      IsFounding(route.endpoint)
          ? v1::DIALECT_FOUNDING
          : ChooseDialect(*params, mount.default_dialect);
  if (dialect == v1::DIALECT_UNSPECIFIED) {
    return Refuse(RefusalCause::kVersion, 403);
  }

  Handshake handshake;
  handshake.subprotocol = subprotocol->chosen;
  handshake.connect =
      MakeConnect(request, route, provenance, *params, subprotocol->offered);
  handshake.connect.set_dialect(dialect);
  handshake.dialect = dialect;
  handshake.connect.set_transport(v1::TRANSPORT_WEBSOCKET);
  if (subprotocol->token.has_value()) {
    handshake.connect.set_token(*subprotocol->token);
  }
  return handshake;
}

absl::optional<HandshakeRefusal> CheckUpgradeHeaders(const Request& request) {
  const auto bad = [](absl::string_view what) {
    return HandshakeRefusal{RefusalCause::kHeaders, 400,
                            absl::StrCat(what, "\n")};
  };
  if (request.version < 11) return bad("WebSocket needs HTTP/1.1");
  if (!request.HasToken("connection", "upgrade")) {
    return bad("header `connection` must contain `upgrade`");
  }
  if (!request.HasToken("upgrade", "websocket")) {
    return bad("header `upgrade` must contain `websocket`");
  }
  if (!request.Header("sec-websocket-key").has_value()) {
    return bad("header `sec-websocket-key` is missing");
  }
  if (request.Header("sec-websocket-version") != "13") {
    return bad("header `sec-websocket-version` must be 13");
  }
  return absl::nullopt;
}

std::string AcceptKey(absl::string_view key) {
  const std::string text =
      absl::StrCat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest);
  return absl::Base64Escape(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace aerie::edge
