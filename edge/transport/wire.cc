#include "edge/transport/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aerie::edge {
namespace {

using Result = Wire::Result;

// A TLS record. Offering more at once would bind more than a record to the
// connection when it blocks.
constexpr size_t kTlsRecord = 16 << 10;

bool IsWouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Wire::Wire(int fd, Ssl ssl) : ssl_(std::move(ssl)), fd_(fd) {}

Wire::Wire(Wire&& other) noexcept
    : ssl_(std::move(other.ssl_)),
      fd_(std::exchange(other.fd_, -1)),
      offered_(other.offered_),
      readable_(other.readable_),
      ending_(other.ending_),
      read_wants_write_(other.read_wants_write_) {}

Wire::~Wire() { Close(); }

void Wire::OnReady(uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ending_ = true;
  if (ending_ || (events & EPOLLIN) || read_wants_write_) readable_ = true;
}

Result Wire::Read(char* data, size_t size) {
  if (!readable_) return {Result::kWouldBlock};
  if (ssl_ != nullptr) return ReadTls(data, size);
  ssize_t count;
  do {
    count = recv(fd_, data, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    // Less than there was room for: what comes now is told anew.
    readable_ = ending_ || static_cast<size_t>(count) == size;
    return {Result::kDone, static_cast<size_t>(count)};
  }
  if (count == 0) return {Result::kEnd};
  readable_ = false;
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
    readable_ = false;
    return {Result::kWouldBlock};
  }
  ERR_clear_error();
  return {error == SSL_ERROR_ZERO_RETURN ? Result::kEnd : Result::kBroken};
}

Result Wire::Write(absl::Span<const iovec> buffers) {
  if (ssl_ != nullptr) return WriteTls(buffers);
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  ssize_t count;
  do {
    count = sendmsg(fd_, &message, MSG_NOSIGNAL);
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
      offered_ = static_cast<uint32_t>(size);
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
  shutdown(fd_, SHUT_WR);
}

void Wire::Close() {
  const int fd = std::exchange(fd_, -1);
  if (fd >= 0) close(fd);
}

void Wire::Reset() {
  const linger at_once = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

void Wire::SetKeepAlive() {
  const auto set = [this](int level, int name, int value) {
    setsockopt(fd_, level, name, &value, sizeof(value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 60);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace aerie::edge
