#ifndef AERIE_TEST_SUPPORT_RAW_WEBSOCKET_H_
#define AERIE_TEST_SUPPORT_RAW_WEBSOCKET_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "test/support/raw_socket.h"

namespace aerie::testing {

// An upgrade request, to be bent by a test.
struct Upgrade {
  std::string method = "GET";
  std::string target = "/socket/websocket?vsn=2.0.0";
  // In order; the Host header goes before them.
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Connection", "Upgrade"},
      {"Upgrade", "websocket"},
      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
      {"Sec-WebSocket-Version", "13"},
  };

  static Upgrade To(absl::string_view target);

  // Replaces a header, or adds it.
  Upgrade& With(absl::string_view name, absl::string_view value);
  Upgrade& Without(absl::string_view name);

  std::string Text(uint16_t port) const;
};

// What comes from the server.
struct RawFrame {
  enum Kind { kText, kBinary, kPing, kPong, kClose, kEnd, kNothing };
  Kind kind = kEnd;     // kEnd: TCP has ended. kNothing: nothing came in time.
  std::string payload;  // Without the code of a close.
  int close_code = 0;   // 0: the close frame carries none.
};

// A WebSocket client that checks nothing and may send anything: what tests of
// bad input need. RFC 6455 section 5. One thread.
class RawWebSocket {
 public:
  // Sends the upgrade and waits for the answer.
  explicit RawWebSocket(uint16_t port, const Upgrade& upgrade = {});

  // The answer to the upgrade; 101 when it was accepted.
  const HttpAnswer& answer() const { return answer_; }
  bool open() const { return answer_.status == 101; }

  bool SendText(absl::string_view text) { return SendFrame(0x81, text); }
  bool SendBinary(absl::string_view bytes) { return SendFrame(0x82, bytes); }
  // A masked frame; `head` is its first byte: FIN, RSV and opcode.
  bool SendFrame(uint8_t head, absl::string_view payload);
  // Bytes as they are.
  bool SendRaw(absl::string_view bytes) { return socket_.Send(bytes); }
  bool SendClose(uint16_t code);

  // The next frame. Text frames of fragmented messages come as they are: the
  // servers under test never fragment.
  RawFrame Receive(std::chrono::milliseconds patience = kPatience);

  RawSocket& socket() { return socket_; }

 private:
  bool TakeFrame(RawFrame* frame);

  RawSocket socket_;
  std::string bytes_;  // Received, not yet taken.
  HttpAnswer answer_;
};

// `payload` as a client's frame whose first byte is `head`.
std::string MaskedFrame(uint8_t head, absl::string_view payload);

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_RAW_WEBSOCKET_H_
