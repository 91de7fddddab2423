#ifndef AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_
#define AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "edge/transport/connection.h"
#include "edge/transport/handshake.h"
#include "edge/transport/mount.h"
#include "edge/transport/poll_request.h"
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
    kPolling,     // The broker answers, at once or when there is something.
    kResponding,  // Until the response is with the kernel.
  };

  void OnReadable() override;
  void OnDrained() override;
  void OnBroken() override { Leave(); }
  void OnTimeout(int64_t now_ms) override;

  void ReadMore();
  void ReadRequests();
  // Counts what has come in of a request; false when there is too much.
  bool CountHeld();
  void Handle();
  void HandleHandshake(const Route& route);
  void OnAnswer(ConnectAnswer answer);
  void Upgrade(SocketNumber number);
  void Refuse(const HandshakeRefusal& refusal);
  void HandlePoll(const Route& route);
  void Ask(PollQuestion question);
  void OnPollAnswer(const v1::PollAnswer& answer);
  void EndPoll(bool written);
  void ReadWhilePolling();
  void CountRefusal(RefusalCause cause, uint32_t status);
  // The client has gone, or will not be listened to any more.
  void Leave();
  void Respond(const Response& response);
  void RespondMalformed(uint32_t status);

  const Peer peer_;
  RequestReader reader_;
  State state_ = State::kReading;
  bool keep_alive_ = true;
  bool served_ = false;  // A request, before the one that is awaited.
  Request request_;
  const Mount* mount_ = nullptr;
  Handshake handshake_;  // While kAsking.
  uint64_t ticket_ = 0;
  size_t held_ = 0;

  // A poll, from its question to the end of its response.
  SocketNumber poll_ = 0;
  Endpoint poll_endpoint_ = Endpoint::kLongPoll;
  bool poll_malformed_ = false;
  std::string poll_token_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_HTTP_CONNECTION_H_
