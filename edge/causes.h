#ifndef AERIE_EDGE_CAUSES_H_
#define AERIE_EDGE_CAUSES_H_

#include <array>
#include <cstddef>

// Why connections are refused and ended: labels of counters (edge/metrics.h),
// because a close frame's reason stays empty.
namespace aerie::edge {

// Why a client may not open a socket.
enum class RefusalCause {
  kMethod,
  kQuery,
  kOrigin,
  kToken,
  kSubprotocol,
  kVersion,
  kBody,         // Of a long poll: no base64.
  kBroker,       // Its connect rule says no.
  kUnavailable,  // Nobody to ask: 503.
  kPaced,        // Too many a second: 503.
  kHeaders,
};
inline constexpr std::array<const char*, 11> kRefusalCauses = {
    "method", "query",  "origin",      "token", "subprotocol", "version",
    "body",   "broker", "unavailable", "paced", "headers"};

// Why the transport ended a connection. What its socket decides is counted
// there.
enum class CloseCause {
  kClient,        // It said so: echoed.
  kLost,          // The connection broke or ended without a word.
  kIdle,          // 1002.
  kProtocol,      // Framing: 1002.
  kUtf8,          // 1007.
  kInflate,       // 1007.
  kTooBig,        // 1009.
  kSlowConsumer,  // 1008.
  kStopped,       // This process ends.
};
inline constexpr std::array<const char*, 9> kCloseCauses = {
    "client",  "lost",    "idle",          "protocol", "utf8",
    "inflate", "too_big", "slow_consumer", "stopped"};

inline constexpr size_t IndexOf(RefusalCause cause) {
  return static_cast<size_t>(cause);
}
inline constexpr size_t IndexOf(CloseCause cause) {
  return static_cast<size_t>(cause);
}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_CAUSES_H_
