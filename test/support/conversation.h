#ifndef AERIE_TEST_SUPPORT_CONVERSATION_H_
#define AERIE_TEST_SUPPORT_CONVERSATION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "test/support/raw_websocket.h"

namespace aerie::testing {

using Json = nlohmann::json;

// A client of the 2.0.0 dialect that says what a test writes and hears frame by
// frame. What must come and doesn't is a failure of the test. One thread.
class Conversation {
 public:
  explicit Conversation(
      uint16_t port, absl::string_view target = "/socket/websocket?vsn=2.0.0");

  RawWebSocket& socket() { return socket_; }

  // Sends `[join_ref, ref, topic, event, payload]`.
  void Say(const Json& message);
  // The next frame, which must be text. Null after a failure.
  Json Hear();
  void Expect(const Json& message);

  // Joins with `ref` as join_ref and expects ok.
  void Join(absl::string_view topic, absl::string_view ref = "1");
  // Echoes on a joined topic. The reply must be the next frame, so nothing else
  // has come before it.
  void Echo(absl::string_view topic, absl::string_view join_ref = "1");

  // The close code that the server ends the socket with, after any frames; 0
  // for a close frame without one, -1 if TCP ends without a close frame.
  int CloseCode();

 private:
  RawWebSocket socket_;
  int echoes_ = 0;
};

}  // namespace aerie::testing

#endif  // AERIE_TEST_SUPPORT_CONVERSATION_H_
