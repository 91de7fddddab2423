#ifndef AERIE_CLIENTS_CPP_PHOENIX_PUSH_H_
#define AERIE_CLIENTS_CPP_PHOENIX_PUSH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/payload.h"
#include "clients/cpp/phoenix/timers.h"

namespace aerie::client::phx {

struct PushState;

// Something said to a channel of the server, and the answer that it may have.
// phoenix.js: Push. A value; lives on the socket's thread.
class Push {
 public:
  using Callback = std::function<void(const Payload& response)>;

  explicit Push(std::shared_ptr<PushState> state) : state_(std::move(state)) {}

  // Calls `callback` when it is answered with this status: `ok`, `error` or
  // another one of the server; `timeout` when nothing came in time. At once
  // when that has happened already. Of a join: each time it is joined anew.
  const Push& Receive(const std::string& status,
                      const Callback& callback) const;

  // Why it was not sent; OK unless it was refused on this side. Such a push is
  // answered `error`, with {"reason": …}. RESOURCE_EXHAUSTED: a queue is full.
  // FAILED_PRECONDITION: not at this time. INVALID_ARGUMENT: no JSON, say.
  const absl::Status& error() const;

 private:
  std::shared_ptr<PushState> state_;
};

// Inside: what a Push refers to. It is a Channel's to change.
struct PushState {
  struct Answer {
    std::string status;
    Payload response;
  };

  explicit PushState(Timers& timers) : timeout(timers) {}

  std::string event;
  std::function<Payload()> payload;
  size_t payload_bytes = 0;
  int64_t timeout_ms = 0;
  // Of the latest attempt; empty: there was none.
  std::string ref;
  Alarm timeout;
  std::optional<Answer> received;
  // It is sent again: its callbacks stay.
  bool repeats = false;
  std::vector<std::pair<std::string, Push::Callback>> hooks;
  absl::Status error;
};

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_PUSH_H_
