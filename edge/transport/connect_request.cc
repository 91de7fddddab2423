#include "edge/transport/connect_request.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/phoenix/utf8.h"

namespace aerie::edge {
namespace {

constexpr absl::string_view kSubprotocolHeader = "sec-websocket-protocol";
constexpr absl::string_view kTokenHeader = "x-phoenix-authtoken";
// Whoever has a long poll's token has its session.
constexpr absl::string_view kPollTokenHeader = "x-phoenix-longpoll-token";

// Headers that an application may ask for.
bool IsForApplications(absl::string_view name) {
  return absl::StartsWith(name, "x-") ||
         absl::StartsWith(name, "sec-websocket-") || name == "traceparent" ||
         name == "tracestate" || name == "user-agent";
}

void AddField(std::string name, std::string value,
              google::protobuf::RepeatedPtrField<v1::Field>* fields) {
  v1::Field* field = fields->Add();
  field->set_name(std::move(name));
  field->set_value(std::move(value));
}

void AddHeaders(const Request& request, absl::string_view offered,
                v1::Connect* connect) {
  for (const auto& [key, value] : request.headers) {
    std::string name = absl::AsciiStrToLower(key);
    // Tokens are secrets, and travel in a field of their own.
    if (!IsForApplications(name) || name == kSubprotocolHeader ||
        name == kTokenHeader || name == kPollTokenHeader) {
      continue;
    }
    // Headers may hold any bytes, fields of the link only text.
    if (phoenix::IsValidUtf8(value)) {
      AddField(std::move(name), value, connect->mutable_headers());
    }
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

}  // namespace

v1::Connect MakeConnect(const Request& request, const Route& route,
                        const Provenance& provenance, const Params& params,
                        absl::string_view offered) {
  v1::Connect connect;
  connect.set_mount(route.mount->options().path);
  for (const auto& [name, value] : params) {
    AddField(name, value, connect.mutable_params());
  }
  // Behind the query, for a variable wins over a parameter of its name.
  for (const auto& [name, value] : route.variables) {
    AddField(name, value, connect.mutable_params());
  }
  AddHeaders(request, offered, &connect);
  connect.set_peer(provenance.peer);
  connect.set_uri(UriOf(request, provenance.site));
  const auto token = request.Header(kTokenHeader);
  if (route.mount->options().auth_token && token.has_value()) {
    connect.set_token(std::string(*token));
  }
  return connect;
}

}  // namespace aerie::edge
