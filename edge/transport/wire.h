#ifndef AERIE_EDGE_TRANSPORT_WIRE_H_
#define AERIE_EDGE_TRANSPORT_WIRE_H_

#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "edge/transport/tls.h"

namespace aerie::edge {

// A concrete executor makes sockets and handlers smaller than the polymorphic
// one.
using Executor = boost::asio::io_context::executor_type;
using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// The bytes of one TCP connection, in the clear or inside TLS, without ever
// blocking. TLS works on the socket itself, not on buffers in between: an idle
// connection has none, and everything above is the same for both. Lives on an
// io thread; may be moved while nobody waits.
class Wire {
 public:
  struct Result {
    enum Kind {
      kDone,        // `bytes` of them; at least one.
      kWouldBlock,  // Wait and try again.
      kEnd,         // The peer has closed its direction.
      kBroken,
    };
    Kind kind;
    size_t bytes = 0;
  };

  // `ssl` is null for a connection in the clear.
  Wire(TcpSocket socket, Ssl ssl);
  Wire(Wire&&) = default;
  Wire& operator=(Wire&&) = default;
  ~Wire();

  // Reads what is there. The first reads make the TLS handshake.
  Result Read(char* data, size_t size);

  // Puts bytes back in front of what has yet to be read.
  void Unread(absl::string_view bytes);

  // Writes as much as the kernel takes. After kWouldBlock, `offered` bytes are
  // on their way and must be offered again first.
  Result Write(absl::Span<const iovec> buffers);
  size_t offered() const { return offered_; }

  // Calls `handler(error_code)` once a Read or Write may get further.
  template <typename Handler>
  void WaitToRead(Handler handler);
  template <typename Handler>
  void WaitToWrite(Handler handler);

  // Says that nothing more will be written.
  void ShutdownSend();
  // Closes; waiting handlers are called with an error.
  void Close();
  // Closes so that the peer sees a reset, whatever is still on its way.
  void Reset();

  // Probes a silent peer every minute, and gives it up after a few.
  void SetKeepAlive();

  bool tls() const { return ssl_ != nullptr; }
  TcpSocket& socket() { return socket_; }

 private:
  Result ReadTls(char* data, size_t size);
  Result WriteTls(absl::Span<const iovec> buffers);
  bool HasBuffered() const;

  TcpSocket socket_;
  Ssl ssl_;
  std::string unread_;
  size_t offered_ = 0;
  // Inside a TLS handshake, reading may wait for room to write.
  bool read_wants_write_ = false;
};

template <typename Handler>
void Wire::WaitToRead(Handler handler) {
  if (HasBuffered()) {
    boost::asio::post(socket_.get_executor(),
                      [handler = std::move(handler)]() mutable {
                        handler(boost::system::error_code());
                      });
    return;
  }
  socket_.async_wait(
      read_wants_write_ ? TcpSocket::wait_write : TcpSocket::wait_read,
      std::move(handler));
}

template <typename Handler>
void Wire::WaitToWrite(Handler handler) {
  socket_.async_wait(TcpSocket::wait_write, std::move(handler));
}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_WIRE_H_
