#ifndef AERIE_EDGE_TRANSPORT_ACCEPTOR_H_
#define AERIE_EDGE_TRANSPORT_ACCEPTOR_H_

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "edge/transport/io_thread.h"
#include "edge/transport/wire.h"

namespace aerie::edge {

// Accepts the clients of one io thread. Several share an address: the kernel
// spreads clients over them. Lives on its thread; made and bound before that
// runs.
class Acceptor {
 public:
  // `connections` counts those of all threads, `connections_max` bounds them.
  Acceptor(IoThread& thread, const std::atomic<int64_t>& connections,
           int64_t connections_max);

  // Takes the address; port 0 takes any.
  absl::Status Bind(const std::string& host, uint16_t port);
  uint16_t port() const;

  void Start();
  void Stop();

 private:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  void AwaitClients();
  void AcceptSome();
  void Take(int fd, const Endpoint& peer);
  void TurnAway(Wire wire);
  void RetryLater();

  IoThread& thread_;
  const std::atomic<int64_t>& connections_;
  const int64_t connections_max_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
      retry_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_ACCEPTOR_H_
