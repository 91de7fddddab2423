#ifndef AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_
#define AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_

#include <cstdint>

namespace aerie::edge {

// RFC 6455 section 7.4.1, and what Phoenix's servers use.
inline constexpr uint16_t kCloseProtocolError = 1002;
inline constexpr uint16_t kCloseInvalidPayload = 1007;
inline constexpr uint16_t kClosePolicy = 1008;

// The code that answers a client's close: its own, or 1002 if it had no right
// to send that. Registered after the RFC and thus unknown to Phoenix: 1012 to
// 1014.
inline constexpr uint16_t EchoOf(uint16_t code) {
  const bool legal = (code >= 1000 && code <= 1003) ||
                     (code >= 1007 && code <= 1011) ||
                     (code >= 3000 && code <= 4999);
  return legal ? code : kCloseProtocolError;
}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_
