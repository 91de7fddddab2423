#ifndef AERIE_TEST_SUPPORT_RAW_SOCKET_H_
#define AERIE_TEST_SUPPORT_RAW_SOCKET_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace aerie::testing {

// How long a test waits for what must come. Only failures take that long.
inline constexpr std::chrono::milliseconds kPatience{20'000};

// A blocking TCP connection to a port of this machine, for clients that say
// exactly what a test wants. One thread.
class RawSocket {
 public:
  explicit RawSocket(uint16_t port);
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket();

  // False when the connection was refused, or has ended.
  bool connected() const { return fd_ >= 0; }

  // Sends all of it; false when the other side has ended the connection, or
  // takes nothing for kPatience.
  bool Send(absl::string_view bytes);

  // Sends what the kernel takes at once; returns how much that was.
  size_t SendSome(absl::string_view bytes);

  // Appends what has come, waiting for it. False at the end of the connection
  // or when nothing comes in time.
  bool Receive(std::string* bytes,
               std::chrono::milliseconds patience = kPatience);

  // Ends the connection as a crash of the machine would: with a TCP reset.
  void Reset();

 private:
  int fd_ = -1;
};

// An HTTP answer.
struct HttpAnswer {
  int status = 0;       // 0: no answer.
  std::string headers;  // All of the head, as it came.
  std::string body;

  // The value of a header, by its name in lower case; empty for none.
  std::string Header(absl::string_view name) const;
};

// Takes the first answer from the front of `bytes`; false if it isn't whole.
// The body is what Content-Length says, else nothing.
bool TakeHttpAnswer(std::string* bytes, HttpAnswer* answer);

// GETs a page of this machine.
HttpAnswer HttpGet(uint16_t port, absl::string_view target);

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_RAW_SOCKET_H_
