#ifndef AERIE_CLIENTS_CPP_PHOENIX_TRANSPORT_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/phoenix/endpoint.h"
#include "proto/phoenix/frame.h"

namespace aerie::client::phx {

// RFC 6455 section 7.4: codes that a client gives or reads.
inline constexpr uint16_t kCloseNormal = 1000;
inline constexpr uint16_t kCloseNoCode = 1005;
inline constexpr uint16_t kCloseAbnormal = 1006;

// How a connection ended.
struct CloseEvent {
  // 1005: the close frame had none. 1006: there was no close frame.
  uint16_t code = kCloseAbnormal;
  std::string reason = {};
  // What went wrong, when something did: it could not be opened, or broke.
  absl::Status error = {};
};

// What is asked of a server.
struct ConnectRequest {
  Endpoint endpoint;
  // Path and query.
  std::string target;
  // The value of Sec-WebSocket-Protocol; empty: none.
  std::string subprotocols;
};

// One connection, from its first attempt to its end; destroying it drops it.
// One thread: the socket's.
class Transport {
 public:
  // What it tells, and never inside of a call to it. A call may destroy the
  // transport.
  class Listener {
   public:
    virtual ~Listener() = default;

    // Frames may be sent.
    virtual void Opened() = 0;
    virtual void Received(phoenix::Opcode opcode, absl::string_view bytes) = 0;
    // The last call, whether it was ever open or not.
    virtual void Closed(const CloseEvent& event) = 0;
  };

  virtual ~Transport() = default;

  // Whether there was room for it; between Opened and Close.
  virtual bool Send(phoenix::Frame frame) = 0;
  // Writes what was sent before, says goodbye and waits for an answer; gives
  // up connecting. Closed follows, in Limits::close_timeout_ms at most.
  virtual void Close(uint16_t code, const std::string& reason) = 0;
};

using TransportFactory = std::function<std::unique_ptr<Transport>(
    const ConnectRequest& request, Transport::Listener& listener)>;

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TRANSPORT_H_
