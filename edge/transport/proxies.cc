#include "edge/transport/proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aerie::edge {
namespace {

constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0,    0,
                                               0, 0, 0, 0, 0xff, 0xff};

bool IsV4(const IpAddress& address) {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
}

bool InBlock(const IpAddress& address, const IpAddress& block, int bits) {
  const int whole = bits / 8;
  if (std::memcmp(address.bytes.data(), block.bytes.data(), whole) != 0) {
    return false;
  }
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8);
  return ((address.bytes[whole] ^ block.bytes[whole]) & mask & 0xff) == 0;
}

// An entry of X-Forwarded-For; some proxies add the port.
absl::optional<IpAddress> ParseForwarded(absl::string_view text) {
  absl::optional<IpAddress> address = IpAddress::Parse(text);
  if (address.has_value()) return address;
  return IpAddress::Parse(text.substr(0, text.rfind(':')));
}

std::string WithPort(absl::string_view ip, uint16_t port) {
  return absl::StrContains(ip, ':') ? absl::StrCat("[", ip, "]:", port)
                                    : absl::StrCat(ip, ":", port);
}

// The first value of a header that proxies may have appended to.
absl::string_view FirstValue(const Request& request, absl::string_view name) {
  const absl::string_view header = request.Header(name).value_or("");
  return absl::StripAsciiWhitespace(header.substr(0, header.find(',')));
}

// Scheme, host and port from a scheme and a Host header.
Site SiteOf(absl::string_view scheme, absl::string_view host) {
  return Site::Parse(absl::StrCat(scheme, "://", host));
}

}  // namespace

absl::optional<IpAddress> IpAddress::Parse(absl::string_view text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) {
    text = text.substr(1, text.size() - 2);
  }
  const std::string terminated(text);
  IpAddress address;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes[12]) == 1 ||
      inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  return absl::nullopt;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  if (IsV4(*this)) {
    inet_ntop(AF_INET, &bytes[12], text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  }
  return text;
}

absl::StatusOr<TrustedProxies> TrustedProxies::Create(
    const std::vector<std::string>& blocks) {
  TrustedProxies proxies;
  for (const std::string& text : blocks) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    const absl::optional<IpAddress> address = IpAddress::Parse(parts[0]);
    int bits = 128;
    bool valid = address.has_value();
    if (valid && parts.size() == 2) {
      const int size = IsV4(*address) ? 32 : 128;
      valid = absl::SimpleAtoi(parts[1], &bits) && bits >= 0 && bits <= size;
      bits += 128 - size;
    }
    if (!valid) {
      return absl::InvalidArgumentError(absl::StrCat(
          "trusted_proxies: \"", text,
          "\" is neither an address (10.1.2.3) nor a block (10.0.0.0/8)"));
    }
    proxies.blocks_.push_back({*address, bits});
  }
  return proxies;
}

bool TrustedProxies::Trusts(const IpAddress& address) const {
  return absl::c_any_of(blocks_, [&address](const Block& block) {
    return InBlock(address, block.address, block.bits);
  });
}

Provenance TrustedProxies::Of(const Request& request, const Peer& peer) const {
  absl::optional<IpAddress> client = IpAddress::Parse(peer.ip);
  const absl::string_view scheme = peer.tls ? "https" : "http";
  const absl::string_view host = request.Header("host").value_or("");
  if (!client.has_value() || !Trusts(*client)) {
    return {
        WithPort(client.has_value() ? client->ToString() : peer.ip, peer.port),
        SiteOf(scheme, host)};
  }

  Provenance provenance{WithPort(client->ToString(), peer.port), {}};
  const std::string chain = request.Headers("x-forwarded-for").value_or("");
  std::vector<absl::string_view> hops =
      absl::StrSplit(chain, ',', absl::SkipWhitespace());
  for (; !hops.empty() && Trusts(*client); hops.pop_back()) {
    const auto hop = ParseForwarded(absl::StripAsciiWhitespace(hops.back()));
    if (!hop.has_value()) break;
    client = hop;
    provenance.peer = client->ToString();
  }

  const std::string proto =
      absl::AsciiStrToLower(FirstValue(request, "x-forwarded-proto"));
  const absl::string_view forwarded_host =
      FirstValue(request, "x-forwarded-host");
  provenance.site = SiteOf(proto == "http" || proto == "https" ? proto : scheme,
                           forwarded_host.empty() ? host : forwarded_host);
  uint32_t port = 0;
  if (absl::SimpleAtoi(FirstValue(request, "x-forwarded-port"), &port) &&
      port > 0 && port <= 65535) {
    provenance.site.port = port;
  }
  return provenance;
}

}  // namespace aerie::edge
