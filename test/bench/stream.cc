#include "test/bench/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace aerie::bench {
namespace {

// Local addresses that clients are spread over, so that the ports of one do not
// run out.
constexpr uint32_t kSourceAddresses = 16;

// Calls from 127.0.0.1, 127.0.0.2, … in turn.
void BindSource(int fd, uint32_t caller) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + caller % kSourceAddresses);
  // Where this is not possible, the kernel's own choice is as good.
  (void)bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof(source));
}

int Connect(const Target& target, uint32_t caller) {
  const int fd = socket(target.address.ss_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (target.loopback) BindSource(fd, caller);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target.address),
              target.address_size) != 0 &&
      errno != EINPROGRESS) {
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

}  // namespace

bool Stream::Open(const Target& target, uint32_t caller, int epoll,
                  uint32_t id) {
  Close();
  fd_ = Connect(target, caller);
  if (fd_ < 0) return false;
  ++generation_;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = Key(id);
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd_, &event) == 0;
}

void Stream::Close() {
  if (!open()) return;
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd_);
  fd_ = -1;
  kept_.clear();
  unsent_.clear();
}

void Stream::Queue(absl::string_view bytes) {
  unsent_.append(bytes.data(), bytes.size());
}

void Stream::Keep(absl::string_view rest) {
  kept_.assign(rest.data(), rest.size());
}

size_t Stream::Write() {
  if (!open() || unsent_.empty()) return 0;
  // While it connects: EAGAIN.
  const ssize_t sent = send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    // What ended the connection is told by reading.
    if (errno != EAGAIN) unsent_.clear();
    return 0;
  }
  unsent_.erase(0, static_cast<size_t>(sent));
  return static_cast<size_t>(sent);
}

Stream::Got Stream::Read(absl::Span<char> buffer, size_t* size) {
  const size_t kept = kept_.size();
  std::memcpy(buffer.data(), kept_.data(), kept);
  const ssize_t received =
      recv(fd_, buffer.data() + kept, buffer.size() - kept, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
    return Got::kNothing;
  }
  if (received <= 0) {
    if (received == 0) errno = 0;
    return Got::kEnd;
  }
  *size = kept + static_cast<size_t>(received);
  return Got::kSome;
}

}  // namespace aerie::bench
