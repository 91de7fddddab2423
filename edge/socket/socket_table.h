#ifndef AERIE_EDGE_SOCKET_SOCKET_TABLE_H_
#define AERIE_EDGE_SOCKET_SOCKET_TABLE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "edge/socket/socket.h"
#include "edge/socket/transport.h"
#include "edge/socket/upstream.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// Unique for the edge process' life; `number % threads` is its io thread.
using SocketNumber = uint64_t;

// The broker's answer to Connect.
struct Refusal {
  // HTTP status; 503 (no broker, draining, too many waiting, too slow) goes
  // with Retry-After.
  uint32_t status = 403;
  std::string body;
};
// Opened: the socket may be opened with SocketTable::Open.
using ConnectAnswer = std::variant<SocketNumber, Refusal>;

class SocketTable {
 public:
  // Asks the broker whether a client may open a socket. `answer` runs once, on
  // this thread, maybe before this returns (then: a Refusal).
  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> answer);

  // The client was upgraded: the socket lives until Socket::OnClosed. A
  // disconnect that has come meanwhile closes the transport at once.
  Socket& Open(SocketNumber number, Transport& transport);

  // The client went away between the answer and Open.
  void Abandon(SocketNumber number);
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_SOCKET_TABLE_H_
