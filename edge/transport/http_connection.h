#ifndef AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_
#define AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_

#include <cstdint>
#include <string>

#include "edge/transport/connection.h"
#include "edge/transport/handshake.h"
#include "edge/transport/proxies.h"
#include "edge/transport/request.h"
#include "edge/transport/request_reader.h"
#include "edge/transport/response.h"

namespace aerie::edge {

// A client that speaks HTTP, from accept to upgrade or close: one request after
// the other is read, answered and flushed. Lives on its IoThread.
class HttpConnection final : public Connection {
 public:
  HttpConnection(IoThread& thread, Wire wire, Peer peer);
  ~HttpConnection() override;

  // Waits for the first request.
  void Start();

  void Abort() override;

 private:
  enum class State {
    kReading,
    kAsking,      // The broker, whether a socket may open.
    kResponding,  // Until the response is with the kernel.
  };

  void OnReadable() override;
  void OnDrained() override;
  void OnBroken() override { Die(); }
  void OnTimeout(int64_t now_ms) override;

  void ReadMore();
  void ReadRequests();
  void Handle();
  void HandleHandshake(const Route& route);
  void OnAnswer(ConnectAnswer answer);
  void Upgrade(SocketNumber number);
  void Refuse(const HandshakeRefusal& refusal);
  void Respond(const Response& response);
  void RespondMalformed(uint32_t status);

  const Peer peer_;
  RequestReader reader_;
  State state_ = State::kReading;
  bool keep_alive_ = true;
  bool served_ = false;  // A request, before the one that is awaited.
  Request request_;
  const Mount* mount_ = nullptr;
  Handshake handshake_;
  uint64_t ticket_ = 0;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_
