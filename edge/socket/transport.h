#ifndef AERIE_EDGE_SOCKET_TRANSPORT_H_
#define AERIE_EDGE_SOCKET_TRANSPORT_H_

#include <cstdint>

#include "proto/phoenix/frame.h"

namespace aerie::edge {

// How a socket's frames travel. Phoenix: Phoenix.Socket.Transport. Lives on the
// socket's io thread; owned by the adapter that made it.
//
// An adapter tells its Socket of the client's doings: Socket::OnFrame,
// Socket::OnClosed. It never calls the Socket from inside these methods.
class Transport {
 public:
  virtual ~Transport() = default;

  // Queues a frame; what is sent in one turn of the io thread travels in one
  // write. Over Limits::socket_queue_bytes_max the transport ends as a slow
  // consumer.
  virtual void Send(const phoenix::Frame& frame) = 0;

  // Sends a close frame behind what is queued and ends. OnClosed follows later,
  // from another turn. What is called after it, a second Close too, changes
  // nothing.
  virtual void Close(uint16_t code) = 0;

  // Stops and restarts reading from the client; the idle timer rests meanwhile.
  virtual void Pause() = 0;
  virtual void Resume() = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TRANSPORT_H_
