#include "edge/transport/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace aerie::edge {
namespace {

constexpr char kMask[] = {0x37, static_cast<char>(0xfa), 0x21, 0x3d};

}  // namespace

std::string UpgradeRequest(
    absl::string_view target,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"Host", "localhost"},
      {"Connection", "Upgrade"},
      {"Upgrade", "websocket"},
      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
      {"Sec-WebSocket-Version", "13"}};
  for (const auto& header : headers) {
    all.erase(std::remove_if(
                  all.begin(), all.end(),
                  [&](const auto& one) { return one.first == header.first; }),
              all.end());
    if (!header.second.empty()) all.push_back(header);
  }
  std::string text = absl::StrCat("GET ", target, " HTTP/1.1\r\n");
  for (const auto& [name, value] : all) {
    absl::StrAppend(&text, name, ": ", value, "\r\n");
  }
  return absl::StrCat(text, "\r\n");
}

RawClient::RawClient(uint16_t port, Tls tls, int receive_buffer) {
  fd_ = socket(AF_INET, SOCK_STREAM, 0);
  const timeval timeout = {5, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
  const int yes = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
               sizeof(receive_buffer));
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ =
      connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (!connected_ || tls == Tls::kNo) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd_);
  connected_ = SSL_connect(ssl_.get()) == 1;
}

RawClient::~RawClient() { close(fd_); }

std::string RawClient::PeerSubject() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_.get());
  if (certificate == nullptr) return "";
  char* line =
      X509_NAME_oneline(X509_get_subject_name(certificate), nullptr, 0);
  std::string subject = line;
  OPENSSL_free(line);
  X509_free(certificate);
  return subject;
}

void RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ssl_ != nullptr ? SSL_write(ssl_.get(), bytes.data(),
                                    static_cast<int>(bytes.size()))
                        : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(sent);
  }
}

void RawClient::SendUpgrade(
    absl::string_view target,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  Send(UpgradeRequest(target, headers));
}

bool RawClient::Upgrade(
    absl::string_view target,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  SendUpgrade(target, headers);
  return absl::StartsWith(ReadHead(), "HTTP/1.1 101 ");
}

void RawClient::SendFrame(uint8_t first, absl::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  const size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  frame += static_cast<char>(0x80 | (length_bytes == 0   ? size
                                     : length_bytes == 2 ? 126
                                                         : 127));
  for (int i = length_bytes - 1; i >= 0; --i) {
    frame += static_cast<char>(static_cast<uint64_t>(size) >> (8 * i));
  }
  frame.append(kMask, sizeof(kMask));
  for (size_t i = 0; i < size; ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  Send(frame);
}

bool RawClient::Fill() {
  char bytes[16384];
  const ssize_t count = ssl_ != nullptr
                            ? SSL_read(ssl_.get(), bytes, sizeof(bytes))
                            : recv(fd_, bytes, sizeof(bytes), 0);
  if (count > 0) {
    received_.append(bytes, count);
    return true;
  }
  if (count == 0) {
    end_ = End::kClosed;
  } else {
    end_ = errno == ECONNRESET ? End::kReset : End::kTimeout;
  }
  return false;
}

std::string RawClient::ReadHead() {
  size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return "";
  }
  return ReadBytes(end + 4);
}

std::string RawClient::ReadResponse() {
  const std::string head = ReadHead();
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t start = lower.find("content-length: ");
  size_t length = 0;
  if (start != std::string::npos) {
    const size_t digits = start + 16;
    if (!absl::SimpleAtoi(
            lower.substr(digits, lower.find('\r', digits) - digits), &length)) {
      return "";
    }
  }
  return head + ReadBytes(length);
}

std::string RawClient::ReadBytes(size_t size) {
  while (received_.size() < size) {
    if (!Fill()) return "";
  }
  std::string bytes = received_.substr(0, size);
  received_.erase(0, size);
  return bytes;
}

RawClient::Frame RawClient::ReadFrame() {
  Frame frame;
  const std::string start = ReadBytes(2);
  if (start.empty()) return frame;
  uint64_t size = static_cast<uint8_t>(start[1]);
  if (size >= 126) {
    const std::string length = ReadBytes(size == 126 ? 2 : 8);
    size = 0;
    for (char c : length) size = size << 8 | static_cast<uint8_t>(c);
  }
  frame.payload = ReadBytes(size);
  frame.first = static_cast<uint8_t>(start[0]);
  return frame;
}

uint32_t RawClient::ReadCloseCode() {
  for (;;) {
    const Frame frame = ReadFrame();
    if (frame.first == 0) return 0;
    if (frame.first != 0x88) continue;
    // A reason would be a third byte.
    if (frame.payload.size() != 2) return 0;
    return static_cast<uint8_t>(frame.payload[0]) << 8 |
           static_cast<uint8_t>(frame.payload[1]);
  }
}

RawClient::End RawClient::ReadToEnd() {
  while (Fill()) received_.clear();
  return end_;
}

void RawClient::HalfClose() { shutdown(fd_, SHUT_WR); }

}  // namespace aerie::edge
