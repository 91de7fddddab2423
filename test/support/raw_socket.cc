#include "test/support/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aerie::testing {
namespace {

bool Await(int fd, int16_t events, std::chrono::milliseconds patience) {
  pollfd wanted{fd, events, 0};
  return poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

RawSocket::RawSocket(uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address)) {
    close(fd_);
    fd_ = -1;
    return;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawSocket::~RawSocket() {
  if (fd_ >= 0) close(fd_);
}

bool RawSocket::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (fd_ < 0 || !Await(fd_, POLLOUT, kPatience)) return false;
    const size_t sent = SendSome(bytes);
    if (sent == 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

size_t RawSocket::SendSome(absl::string_view bytes) {
  if (fd_ < 0) return 0;
  const ssize_t sent =
      send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<size_t>(sent) : 0;
}

bool RawSocket::Receive(std::string* bytes,
                        std::chrono::milliseconds patience) {
  if (fd_ < 0 || !Await(fd_, POLLIN, patience)) return false;
  char buffer[1 << 16];
  const ssize_t received = recv(fd_, buffer, sizeof buffer, 0);
  if (received <= 0) return false;
  bytes->append(buffer, static_cast<size_t>(received));
  return true;
}

void RawSocket::Reset() {
  if (fd_ < 0) return;
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd_);
  fd_ = -1;
}

std::string HttpAnswer::Header(absl::string_view name) const {
  for (absl::string_view line : absl::StrSplit(headers, "\r\n")) {
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos) continue;
    if (!absl::EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return "";
}

bool TakeHttpAnswer(std::string* bytes, HttpAnswer* answer) {
  const size_t end = bytes->find("\r\n\r\n");
  if (end == std::string::npos) return false;
  HttpAnswer found;
  found.headers = bytes->substr(0, end + 2);
  // `HTTP/1.1 200 OK`
  if (found.headers.size() < 12 ||
      !absl::SimpleAtoi(found.headers.substr(9, 3), &found.status)) {
    return false;
  }
  size_t length = 0;
  const std::string length_text = found.Header("content-length");
  if (!length_text.empty() && !absl::SimpleAtoi(length_text, &length)) {
    return false;
  }
  if (bytes->size() < end + 4 + length) return false;
  found.body = bytes->substr(end + 4, length);
  bytes->erase(0, end + 4 + length);
  *answer = std::move(found);
  return true;
}

HttpAnswer HttpGet(uint16_t port, absl::string_view target) {
  RawSocket socket(port);
  socket.Send(absl::StrCat("GET ", target,
                           " HTTP/1.1\r\nHost: localhost\r\n"
                           "Connection: close\r\n\r\n"));
  std::string bytes;
  HttpAnswer answer;
  while (!TakeHttpAnswer(&bytes, &answer)) {
    if (!socket.Receive(&bytes)) break;
  }
  return answer;
}

}  // namespace aerie::testing
