#ifndef AERIE_EDGE_TRANSPORT_TESTING_RAW_CLIENT_H_
#define AERIE_EDGE_TRANSPORT_TESTING_RAW_CLIENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "edge/transport/tls.h"

namespace aerie::edge {

// A client that sends any bytes, right or wrong, and blocks while it reads; it
// gives up after five seconds. Used on the test's thread.
class RawClient {
 public:
  enum class Tls { kNo, kYes };

  // Connects to a port of this machine. `receive_buffer` makes the kernel hold
  // less for a client that does not read.
  explicit RawClient(uint16_t port, Tls tls = Tls::kNo, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  // The server's certificate, as OpenSSL prints its subject.
  std::string PeerSubject() const;

  void Send(absl::string_view bytes);
  // Sends what a request needs; `headers` replace and add, an empty value takes
  // a header away.
  void SendUpgrade(
      absl::string_view target,
      const std::vector<std::pair<std::string, std::string>>& headers = {});
  // Both, and whether the answer was 101.
  bool Upgrade(
      absl::string_view target,
      const std::vector<std::pair<std::string, std::string>>& headers = {});
  // A masked frame; `first` is its first byte.
  void SendFrame(uint8_t first, absl::string_view payload);
  void SendText(absl::string_view payload) { SendFrame(0x81, payload); }

  // Up to and with the empty line.
  std::string ReadHead();
  // A head, and the body that its content-length tells of.
  std::string ReadResponse();
  std::string ReadBytes(size_t size);

  // A server's frame. `first` is 0 at the end of the connection.
  struct Frame {
    uint8_t first = 0;
    std::string payload;
  };
  Frame ReadFrame();
  // The code of a close frame, skipping data; 0 if none comes.
  uint32_t ReadCloseCode();

  enum class End { kClosed, kReset, kTimeout };
  // Reads to the end of the connection.
  End ReadToEnd();

  // Closes this side's direction.
  void HalfClose();

 private:
  bool Fill();  // Reads once more; false at the end.

  int fd_ = -1;
  bool connected_ = false;
  SslContext context_;
  Ssl ssl_;
  std::string received_;
  End end_ = End::kTimeout;
};

// An upgrade request's text.
std::string UpgradeRequest(
    absl::string_view target,
    const std::vector<std::pair<std::string, std::string>>& headers = {});

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TESTING_RAW_CLIENT_H_
