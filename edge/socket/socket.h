#ifndef AERIE_EDGE_SOCKET_SOCKET_H_
#define AERIE_EDGE_SOCKET_SOCKET_H_

#include "absl/strings/string_view.h"
#include "proto/phoenix/frame.h"

namespace aerie::edge {

class Socket {
 public:
  // From the transport, on the socket's io thread:

  // One whole message of the client. The socket may Send, Pause or Close its
  // transport before this returns.
  void OnFrame(phoenix::Opcode opcode, absl::string_view bytes);

  // The connection is gone, whoever ended it. The Socket is destroyed.
  void OnClosed();
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_SOCKET_H_
