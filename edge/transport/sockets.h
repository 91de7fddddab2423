#ifndef AERIE_EDGE_TRANSPORT_SOCKETS_H_
#define AERIE_EDGE_TRANSPORT_SOCKETS_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "edge/socket/socket_table.h"
#include "edge/socket/transport.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/phoenix/frame.h"

namespace aerie::edge {

// Who hears what the client of a Transport does: a Socket, or a stand-in. Lives
// on the transport's io thread.
class Receiver {
 public:
  virtual ~Receiver() = default;

  // As of Socket.
  virtual void OnFrame(phoenix::Opcode opcode, absl::string_view bytes) = 0;
  // The last call.
  virtual void OnClosed() = 0;
};

// The sockets of one io thread, as transports see them: a SocketTable
// (edge/transport/table_sockets.h), or a stand-in. Lives on that thread.
class Sockets {
 public:
  virtual ~Sockets() = default;

  // As of SocketTable.
  virtual void Connect(v1::Connect request,
                       absl::AnyInvocable<void(ConnectAnswer)> answer) = 0;
  virtual std::unique_ptr<Receiver> Open(SocketNumber number,
                                         Transport& transport) = 0;
  virtual void Abandon(SocketNumber number) = 0;
  virtual SocketNumber Poll(v1::Poll request, PollAnswered answered) = 0;
  virtual SocketNumber PollSend(v1::PollSend request,
                                PollAnswered answered) = 0;
  virtual void EndPoll(SocketNumber number, bool written) = 0;
  virtual void Tick() = 0;
  // Whether clients should go elsewhere.
  virtual bool draining() const = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_SOCKETS_H_
