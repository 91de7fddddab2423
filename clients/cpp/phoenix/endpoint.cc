#include "clients/cpp/phoenix/endpoint.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace aerie::client::phx {
namespace {

constexpr absl::string_view kVsn = "2.0.0";

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the endpoint ", why));
}

// RFC 3986 section 2.3: what stands in a query as it is.
bool Unreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void AppendEncoded(absl::string_view text, std::string* query) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (Unreserved(c)) {
      query->push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    query->push_back('%');
    query->push_back(kHex[byte >> 4]);
    query->push_back(kHex[byte & 15]);
  }
}

// Takes `host`, `host:port` or `[host]:port` apart.
absl::Status ReadAuthority(absl::string_view text, Endpoint* endpoint) {
  absl::string_view host = text.substr(0, text.find(':'));
  absl::string_view rest = text.substr(host.size());
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return Wrong("has an open bracket");
    host = text.substr(0, end);
    rest = text.substr(end + 1);
  }
  if (host.empty()) return Wrong("has no host");
  endpoint->host = std::string(host);
  endpoint->port = endpoint->tls ? "443" : "80";
  if (rest.empty()) return absl::OkStatus();
  uint32_t port = 0;
  if (!absl::ConsumePrefix(&rest, ":") || !absl::SimpleAtoi(rest, &port) ||
      port == 0 || port > 65'535) {
    return Wrong("has no such port");
  }
  endpoint->port = absl::StrCat(port);
  return absl::OkStatus();
}

}  // namespace

std::string Endpoint::Authority() const {
  const bool v6 = absl::StrContains(host, ":");
  const std::string name = v6 ? absl::StrCat("[", host, "]") : host;
  return port == (tls ? "443" : "80") ? name : absl::StrCat(name, ":", port);
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view url) {
  Endpoint endpoint;
  if (absl::ConsumePrefix(&url, "wss://") ||
      absl::ConsumePrefix(&url, "https://")) {
    endpoint.tls = true;
  } else if (!absl::ConsumePrefix(&url, "ws://") &&
             !absl::ConsumePrefix(&url, "http://")) {
    return Wrong("begins with neither ws:// nor wss://");
  }
  const auto printable = [](unsigned char c) { return absl::ascii_isgraph(c); };
  if (!std::all_of(url.begin(), url.end(), printable) ||
      url.find_first_of("?#@") != absl::string_view::npos) {
    return Wrong("has a query, a fragment, a user or a space");
  }
  const size_t slash = std::min(url.find('/'), url.size());
  const absl::Status status = ReadAuthority(url.substr(0, slash), &endpoint);
  if (!status.ok()) return status;
  endpoint.path = std::string(absl::StripSuffix(url.substr(slash), "/"));
  return endpoint;
}

std::string WebSocketTarget(const Endpoint& endpoint, const Params& params) {
  std::string target = absl::StrCat(endpoint.path, "/websocket?");
  for (const auto& [name, value] : params) {
    AppendEncoded(name, &target);
    target.push_back('=');
    AppendEncoded(value, &target);
    target.push_back('&');
  }
  absl::StrAppend(&target, "vsn=", kVsn);
  return target;
}

std::string TokenSubprotocols(absl::string_view token) {
  std::string encoded = absl::Base64Escape(token);
  while (absl::EndsWith(encoded, "=")) encoded.pop_back();
  return absl::StrCat("phoenix, base64url.bearer.phx.", encoded);
}

}  // namespace aerie::client::phx
