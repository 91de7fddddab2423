#ifndef AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_
#define AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_

#include <cstdint>

namespace aerie::edge {

// RFC 6455 section 7.4.1, and what Phoenix's servers use.
inline constexpr uint16_t kCloseNormal = 1000;
inline constexpr uint16_t kCloseProtocolError = 1002;
inline constexpr uint16_t kCloseInvalidPayload = 1007;
inline constexpr uint16_t kClosePolicy = 1008;
inline constexpr uint16_t kCloseTooBig = 1009;

// Whether a client may send it. Registered after the RFC and thus unknown to
// Phoenix: 1012 to 1014.
inline constexpr bool IsClientCloseCode(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_CLOSE_CODE_H_
