#include "edge/transport/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace aerie::edge {
namespace {

using Result = Wire::Result;

// A TLS record. Offering more at once would bind more than a record to the
// connection when it blocks.
constexpr size_t kTlsRecord = 16 << 10;

bool IsWouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Wire::Wire(TcpSocket socket, Ssl ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

Wire::~Wire() { Close(); }

Result Wire::Read(char* data, size_t size) {
  if (!unread_.empty()) {
    const size_t count = std::min(size, unread_.size());
    std::memcpy(data, unread_.data(), count);
    unread_.erase(0, count);
    if (unread_.empty()) std::string().swap(unread_);
    return {Result::kDone, count};
  }
  if (ssl_ != nullptr) return ReadTls(data, size);
  ssize_t count;
  do {
    count = recv(socket_.native_handle(), data, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {Result::kDone, static_cast<size_t>(count)};
  if (count == 0) return {Result::kEnd};
  return {IsWouldBlock(errno) ? Result::kWouldBlock : Result::kBroken};
}

Result Wire::ReadTls(char* data, size_t size) {
  ERR_clear_error();
  const int count =
      SSL_read(ssl_.get(), data, static_cast<int>(std::min(size, kTlsRecord)));
  if (count > 0) return {Result::kDone, static_cast<size_t>(count)};
  const int error = SSL_get_error(ssl_.get(), count);
  read_wants_write_ = error == SSL_ERROR_WANT_WRITE;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    return {Result::kWouldBlock};
  }
  ERR_clear_error();
  return {error == SSL_ERROR_ZERO_RETURN ? Result::kEnd : Result::kBroken};
}

void Wire::Unread(absl::string_view bytes) {
  unread_.insert(0, bytes.data(), bytes.size());
}

bool Wire::HasBuffered() const {
  return !unread_.empty() || (ssl_ != nullptr && SSL_pending(ssl_.get()) > 0);
}

Result Wire::Write(absl::Span<const iovec> buffers) {
  if (ssl_ != nullptr) return WriteTls(buffers);
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  ssize_t count;
  do {
    count = sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {Result::kDone, static_cast<size_t>(count)};
  return {count < 0 && IsWouldBlock(errno) ? Result::kWouldBlock
                                           : Result::kBroken};
}

Result Wire::WriteTls(absl::Span<const iovec> buffers) {
  size_t written = 0;
  for (const iovec& buffer : buffers) {
    size_t done = 0;
    while (done < buffer.iov_len) {
      ERR_clear_error();
      const size_t size = std::min(buffer.iov_len - done, kTlsRecord);
      const int count = SSL_write(
          ssl_.get(), static_cast<const char*>(buffer.iov_base) + done,
          static_cast<int>(size));
      if (count > 0) {
        done += count;
        written += count;
        offered_ = 0;
        continue;
      }
      const int error = SSL_get_error(ssl_.get(), count);
      ERR_clear_error();
      if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
        return {Result::kBroken};
      }
      offered_ = size;
      if (written > 0) return {Result::kDone, written};
      return {Result::kWouldBlock};
    }
  }
  return {Result::kDone, written};
}

void Wire::ShutdownSend() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    // One attempt: a peer that does not read will see the connection end.
    if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Wire::Close() {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
}

void Wire::Reset() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Wire::SetKeepAlive() {
  const int fd = socket_.native_handle();
  const auto set = [fd](int level, int name, int value) {
    setsockopt(fd, level, name, &value, sizeof(value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 60);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace aerie::edge
