#ifndef AERIE_EDGE_TRANSPORT_WIRE_H_
#define AERIE_EDGE_TRANSPORT_WIRE_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "edge/transport/tls.h"

namespace aerie::edge {

// The bytes of one TCP connection, in the clear or inside TLS, without ever
// blocking. TLS works on the socket itself, not on buffers in between: an idle
// connection has none, and everything above is the same for both. Lives on an
// io thread.
class Wire {
 public:
  struct Result {
    enum Kind {
      kDone,        // `bytes` of them; at least one.
      kWouldBlock,  // Try again after the next OnReady.
      kEnd,         // The peer has closed its direction.
      kBroken,
    };
    Kind kind;
    size_t bytes = 0;
  };

  // Takes `fd`, a non-blocking socket. `ssl` is null for a connection in the
  // clear.
  Wire(int fd, Ssl ssl);
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&&) = delete;
  ~Wire();

  // What a Poller has said of the socket.
  void OnReady(uint32_t events);

  // Whether Read may get further before the next OnReady.
  bool may_read() const { return readable_; }

  // Reads what is there. The first reads make the TLS handshake.
  Result Read(char* data, size_t size);

  // Writes as much as the kernel takes. After kWouldBlock, `offered` bytes are
  // on their way and must be offered again first.
  Result Write(absl::Span<const iovec> buffers);
  size_t offered() const { return offered_; }

  // Inside a TLS handshake, reading may wait for room to write.
  bool read_wants_write() const { return read_wants_write_; }

  // Says that nothing more will be written.
  void ShutdownSend();
  void Close();
  // Closes so that the peer sees a reset, whatever is still on its way.
  void Reset();

  // Probes a silent peer every minute, and gives it up after a few.
  void SetKeepAlive();

  bool tls() const { return ssl_ != nullptr; }
  int fd() const { return fd_; }

 private:
  Result ReadTls(char* data, size_t size);
  Result WriteTls(absl::Span<const iovec> buffers);

  Ssl ssl_;
  int fd_;
  uint32_t offered_ = 0;
  bool readable_ = false;
  bool ending_ = false;  // The peer's end lies behind what is to be read.
  bool read_wants_write_ = false;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_WIRE_H_
