#include "edge/transport/handshake.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "edge/transport/query.h"
#include "edge/transport/subprotocol.h"
#include "edge/transport/version.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

constexpr absl::string_view kSubprotocolHeader = "sec-websocket-protocol";
constexpr absl::string_view kTokenHeader = "x-phoenix-authtoken";

HandshakeRefusal Refuse(RefusalCause cause, uint32_t status) {
  return {cause, status, ""};
}

// Headers that an application may ask for.
bool IsForApplications(absl::string_view name) {
  return absl::StartsWith(name, "x-") ||
         absl::StartsWith(name, "sec-websocket-") || name == "traceparent" ||
         name == "tracestate" || name == "user-agent";
}

void AddField(const std::string& name, const std::string& value,
              google::protobuf::RepeatedPtrField<v1::Field>* fields) {
  v1::Field* field = fields->Add();
  field->set_name(name);
  field->set_value(value);
}

void AddHeaders(const Request& request, absl::string_view offered,
                v1::Connect* connect) {
  for (const auto& [key, value] : request.headers) {
    const std::string name = absl::AsciiStrToLower(key);
    // Tokens are secrets, and travel in a field of their own.
    if (!IsForApplications(name) || name == kSubprotocolHeader ||
        name == kTokenHeader) {
      continue;
    }
    // Headers may hold any bytes, fields of the link only text.
    if (phoenix::IsValidUtf8(value))
      AddField(name, value, connect->mutable_headers());
  }
  if (!offered.empty() && phoenix::IsValidUtf8(offered)) {
    AddField(std::string(kSubprotocolHeader), std::string(offered),
             connect->mutable_headers());
  }
}

std::string UriOf(const Request& request, const Site& site) {
  const bool default_port = site.port == (site.scheme == "https" ? 443u : 80u);
  const bool v6 = absl::StrContains(site.host, ':');
  std::string uri = absl::StrCat(
      site.scheme, "://", v6 ? absl::StrCat("[", site.host, "]") : site.host);
  if (!default_port) absl::StrAppend(&uri, ":", site.port);
  absl::StrAppend(&uri, request.path());
  if (!request.query().empty()) absl::StrAppend(&uri, "?", request.query());
  return uri;
}

bool IsFounding(Endpoint endpoint) {
  return endpoint == Endpoint::kFoundingWebSocket ||
         endpoint == Endpoint::kFoundingPoll;
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
  if (route.endpoint == Endpoint::kLongPoll ||
      route.endpoint == Endpoint::kFoundingPoll) {
    return HandshakeRefusal{RefusalCause::kLongPoll, 501,
                            "long polling is not enabled in this build\n"};
  }
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
  v1::Connect& connect = handshake.connect;
  connect.set_mount(mount.path);
  connect.set_dialect(dialect);
  connect.set_transport(v1::TRANSPORT_WEBSOCKET);
  for (const auto& [name, value] : *params) {
    AddField(name, value, connect.mutable_params());
  }
  // Behind the query, for a variable wins over a parameter of its name.
  for (const auto& [name, value] : route.variables) {
    AddField(name, value, connect.mutable_params());
  }
  AddHeaders(request, subprotocol->offered, &connect);
  connect.set_peer(provenance.peer);
  connect.set_uri(UriOf(request, provenance.site));
  if (subprotocol->token.has_value()) {
    connect.set_token(*subprotocol->token);
  } else if (mount.auth_token && request.Header(kTokenHeader).has_value()) {
    connect.set_token(std::string(*request.Header(kTokenHeader)));
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
