#ifndef AERIE_BROKER_CHANNEL_ORIGIN_H_
#define AERIE_BROKER_CHANNEL_ORIGIN_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

// An IP address and a port, in 18 bytes: there is one for each socket. Any
// thread.
class PeerAddress {
 public:
  PeerAddress() = default;
  // Reads `192.0.2.7:51000`, `[2001:db8::7]:51000`; anything else is nobody.
  explicit PeerAddress(absl::string_view text);

  // As it was read; empty for nobody.
  std::string ToString() const;

 private:
  std::array<uint8_t, 16> ip_ = {};  // IPv4 as ::ffff:0:0/96; zeros: nobody.
  uint16_t port_ = 0;
};

// Where a socket comes from, for people who ask.
struct Origin {
  PeerAddress peer;  // Nobody when it outlived a broker.
  v1::Dialect dialect = v1::DIALECT_UNSPECIFIED;
  v1::Transport transport = v1::TRANSPORT_UNSPECIFIED;
  // When this broker got to know it, in seconds since 1970.
  uint32_t since_s = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_ORIGIN_H_
