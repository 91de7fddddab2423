#ifndef AERIE_EDGE_TRANSPORT_WEBSOCKET_H_
#define AERIE_EDGE_TRANSPORT_WEBSOCKET_H_

#include <string>

#include "edge/socket/socket_table.h"
#include "edge/transport/handshake.h"
#include "edge/transport/io_thread.h"
#include "edge/transport/options.h"
#include "edge/transport/request.h"
#include "edge/transport/wire.h"

namespace aerie::edge {

// Answers `request` with 101 and opens the socket `number` on the wire, of
// whose bytes `received` has been read already. Nothing is queued for it. The
// connection made here belongs to `thread`.
void StartWebSocket(IoThread& thread, Wire wire, std::string received,
                    const MountOptions& mount, const Request& request,
                    const Handshake& handshake, SocketNumber number);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_WEBSOCKET_H_
