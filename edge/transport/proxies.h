#ifndef AERIE_EDGE_TRANSPORT_PROXIES_H_
#define AERIE_EDGE_TRANSPORT_PROXIES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "edge/transport/origin.h"
#include "edge/transport/request.h"

namespace aerie::edge {

// An IPv4 or IPv6 address; IPv4 lies in ::ffff:0:0/96, as on dual-stack
// sockets.
struct IpAddress {
  std::array<uint8_t, 16> bytes = {};

  // Reads `192.0.2.7`, `2001:db8::1` or `[2001:db8::1]`.
  static absl::optional<IpAddress> Parse(absl::string_view text);
  std::string ToString() const;
};

// The other end of a TCP connection, and whether TLS runs on it.
struct Peer {
  std::string ip;
  uint16_t port = 0;
  bool tls = false;
};

// Who has sent a request and to whom, proxies looked through.
struct Provenance {
  std::string peer;  // `192.0.2.7:51000`; no port behind a proxy.
  Site site;         // `http` or `https`, host and port.
};

// The proxies in front of this edge: their word about a request's provenance is
// taken, anybody else's is not. Immutable: any thread.
class TrustedProxies {
 public:
  // Addresses and CIDR blocks. INVALID_ARGUMENT names a malformed one.
  static absl::StatusOr<TrustedProxies> Create(
      const std::vector<std::string>& blocks);

  // From a trusted peer, X-Forwarded-For names the client: its last address
  // that is no trusted proxy. -Proto, -Host and -Port (their first value) say
  // what the client had asked for.
  Provenance Of(const Request& request, const Peer& peer) const;

 private:
  struct Block {
    IpAddress address;
    int bits;
  };

  bool Trusts(const IpAddress& address) const;

  std::vector<Block> blocks_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_PROXIES_H_
