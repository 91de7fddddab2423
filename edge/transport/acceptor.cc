#include "edge/transport/acceptor.h"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
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
// So that a crowd of new clients does not hold the thread.
constexpr int kAcceptsPerTurn = 32;

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
  // What is accepted inherits it.
  if (!error) {
    acceptor_.set_option(boost::asio::ip::tcp::no_delay(true), error);
  }
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

void Acceptor::Start() { AwaitClients(); }

void Acceptor::Stop() {
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void Acceptor::AwaitClients() {
  acceptor_.async_wait(decltype(acceptor_)::wait_read,
                       [this](const error_code& error) {
                         if (!error && acceptor_.is_open()) AcceptSome();
                       });
}

void Acceptor::AcceptSome() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int fd = accept4(acceptor_.native_handle(), peer.data(), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(size);
      Take(fd, peer);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EINTR) continue;
    thread_.metrics().accept_errors.Increment();
    const error_code error(errno, boost::system::system_category());
    log::Warning("accept failed", {{"reason", error.message()}});
    // A client that has gone before it was accepted is no reason to wait.
    if (error != boost::asio::error::connection_aborted) return RetryLater();
  }
  AwaitClients();
}

void Acceptor::Take(int fd, const Endpoint& endpoint) {
  thread_.metrics().connections_accepted.Increment();
  if (connections_ >= connections_max_) return TurnAway(Wire(fd, nullptr));
  Peer peer;
  peer.ip = endpoint.address().to_string();
  peer.port = endpoint.port();
  peer.tls = thread_.tls() != nullptr;
  Wire wire(fd, peer.tls ? NewServerSsl(thread_.tls(), fd) : nullptr);
  if (peer.tls && !wire.tls()) return;  // No memory.
  auto connection = std::make_unique<HttpConnection>(thread_, std::move(wire),
                                                     std::move(peer));
  HttpConnection& started = *connection;
  thread_.Add(std::move(connection));
  started.Start();
}

// Says so in one packet and closes: keeping the connection to say it well is
// what there is no room for.
void Acceptor::TurnAway(Wire wire) {
  thread_.metrics().connections_over_limit.Increment();
  if (thread_.tls() != nullptr) return;
  thread_.metrics().responses[3]->Increment();
  const iovec said = {const_cast<char*>(kTooMany.data()), kTooMany.size()};
  if (wire.Write({&said, 1}).kind == Wire::Result::kDone) wire.ShutdownSend();
}

void Acceptor::RetryLater() {
  retry_.expires_after(kRetryAfter);
  retry_.async_wait([this](const error_code& error) {
    if (!error && acceptor_.is_open()) AwaitClients();
  });
}

}  // namespace aerie::edge
