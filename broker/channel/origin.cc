#include "broker/channel/origin.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/status/statusor.h"
#include "common/address.h"

namespace aerie::broker {
namespace {

// What comes before an IPv4 address.
constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0,    0,
                                             0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const std::array<uint8_t, 16>& ip) {
  return std::equal(kMapped.begin(), kMapped.end(), ip.begin());
}

}  // namespace

PeerAddress::PeerAddress(absl::string_view text) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) return;
  port_ = address->port;
  if (inet_pton(AF_INET6, address->host.c_str(), ip_.data()) == 1) return;
  std::copy(kMapped.begin(), kMapped.end(), ip_.begin());
  inet_pton(AF_INET, address->host.c_str(), ip_.data() + kMapped.size());
}

std::string PeerAddress::ToString() const {
  if (ip_ == std::array<uint8_t, 16>()) return {};
  char text[INET6_ADDRSTRLEN];
  if (IsMapped(ip_)) {
    inet_ntop(AF_INET, ip_.data() + kMapped.size(), text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, ip_.data(), text, sizeof(text));
  }
  return Address{text, port_}.ToString();
}

}  // namespace aerie::broker
