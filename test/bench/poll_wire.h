#ifndef AERIE_TEST_BENCH_POLL_WIRE_H_
#define AERIE_TEST_BENCH_POLL_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// As much of HTTP/1.1 and of long polls as the load speaks: kept connections,
// bodies with a Content-Length. Any thread.
namespace aerie::bench {

// In the buffer that it was received into.
struct HttpResponse {
  uint32_t status = 0;
  bool close = false;  // It is the connection's last.
  absl::string_view body;
};

// The size of the response at the front of `bytes`; 0 if it is not whole yet.
// INVALID_ARGUMENT for what is no response of HTTP/1.1 with a Content-Length.
absl::StatusOr<size_t> TakeResponse(absl::string_view bytes,
                                    HttpResponse* response);

// The body of a response: the status that counts, and of a GET what it brings.
struct PollAnswer {
  uint32_t status = 0;
  std::string token;
  std::vector<std::string> messages;  // Each the text of a frame.
};

// False for what is no such body.
bool ParsePollAnswer(absl::string_view body, PollAnswer* answer);

// Where to poll: `/socket/longpoll?…` for a target `/socket/websocket?…`, as
// stock clients choose it; any other as it is.
std::string LongPollOf(absl::string_view request);

// Requests; an empty token asks for a session. `lines` are messages, LF between
// them.
std::string PollGet(absl::string_view host, absl::string_view request,
                    absl::string_view token);
std::string PollPost(absl::string_view host, absl::string_view request,
                     absl::string_view token, absl::string_view lines);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_POLL_WIRE_H_
