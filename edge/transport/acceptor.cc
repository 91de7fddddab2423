#include "edge/transport/acceptor.h"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "edge/transport/http_connection.h"

namespace aerie::edge {
namespace {

using boost::system::error_code;

// Without a descriptor left, accepting fails at once, again and again.
constexpr auto kRetryAfter = std::chrono::milliseconds(100);

constexpr absl::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "retry-after: 1\r\n"
    "content-length: 0\r\n"
    "connection: close\r\n\r\n";

using ReusePort =
    boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

}  // namespace

Acceptor::Acceptor(IoThread& thread, const std::atomic<int64_t>& connections,
                   int64_t connections_max)
    : thread_(thread),
      connections_(connections),
      connections_max_(connections_max),
      acceptor_(thread.executor()),
      retry_(thread.executor()) {}

absl::Status Acceptor::Bind(const std::string& host, uint16_t port) {
  error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  const Endpoint endpoint(address, port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error)
    acceptor_.set_option(Endpoint::protocol_type::acceptor::reuse_address(true),
                         error);
  if (!error) acceptor_.set_option(ReusePort(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error)
    acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", host, " port ", port, ": ", error.message()));
}

uint16_t Acceptor::port() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void Acceptor::Start() { AcceptOne(); }

void Acceptor::Stop() {
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void Acceptor::AcceptOne() {
  acceptor_.async_accept(thread_.executor(), peer_,
                         [this](const error_code& error, TcpSocket socket) {
                           OnAccept(error, std::move(socket));
                         });
}

void Acceptor::OnAccept(const error_code& error, TcpSocket socket) {
  if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) {
    return;
  }
  if (error) {
    thread_.metrics().accept_errors.Increment();
    log::Warning("accept failed", {{"reason", error.message()}});
    // A client that has gone before it was accepted is no reason to wait.
    if (error == boost::asio::error::connection_aborted) return AcceptOne();
    return RetryLater();
  }
  thread_.metrics().connections_accepted.Increment();
  if (connections_ >= connections_max_) {
    TurnAway(std::move(socket));
  } else {
    Take(std::move(socket));
  }
  AcceptOne();
}

void Acceptor::Take(TcpSocket socket) {
  Peer peer;
  peer.ip = peer_.address().to_string();
  peer.port = peer_.port();
  peer.tls = thread_.tls() != nullptr;
  Ssl ssl;
  if (peer.tls) {
    ssl = NewServerSsl(thread_.tls(), socket.native_handle());
    if (ssl == nullptr) return;  // No memory.
  }
  auto connection = std::make_unique<HttpConnection>(
      thread_, Wire(std::move(socket), std::move(ssl)), std::move(peer));
  HttpConnection& started = *connection;
  thread_.Add(std::move(connection));
  started.Start();
}

// Says so in one packet and closes: keeping the connection to say it well is
// what there is no room for.
void Acceptor::TurnAway(TcpSocket socket) {
  thread_.metrics().connections_over_limit.Increment();
  if (thread_.tls() != nullptr) return;
  thread_.metrics().responses[3]->Increment();
  const ssize_t sent = send(socket.native_handle(), kTooMany.data(),
                            kTooMany.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return;
  error_code ignored;
  socket.shutdown(TcpSocket::shutdown_send, ignored);
}

void Acceptor::RetryLater() {
  retry_.expires_after(kRetryAfter);
  retry_.async_wait([this](const error_code& error) {
    if (!error && acceptor_.is_open()) AcceptOne();
  });
}

}  // namespace aerie::edge
