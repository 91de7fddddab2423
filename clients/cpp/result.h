#ifndef AERIE_CLIENTS_CPP_RESULT_H_
#define AERIE_CLIENTS_CPP_RESULT_H_

#include <optional>
#include <string>
#include <utility>

#include "clients/cpp/payload.h"
#include "proto/aerie/v1/payload.pb.h"

// What callbacks of a channel give, and why channels end. Values.
namespace aerie::client {

// Why a channel ended. Those that a host stops with: kStopNormal, kStopShutdown
// and kExitNormal (its client stays away), kCrash (its client joins again).
enum class ExitReason {
  kLeft = v1::EXIT_REASON_LEFT,
  kClosed = v1::EXIT_REASON_CLOSED,
  kEdgeLost = v1::EXIT_REASON_EDGE_LOST,
  kDuplicateJoin = v1::EXIT_REASON_DUPLICATE_JOIN,
  kStopNormal = v1::EXIT_REASON_STOP_NORMAL,
  kStopShutdown = v1::EXIT_REASON_STOP_SHUTDOWN,
  kExitNormal = v1::EXIT_REASON_EXIT_NORMAL,
  kHostLost = v1::EXIT_REASON_HOST_LOST,
  kKilled = v1::EXIT_REASON_KILLED,
  kDraining = v1::EXIT_REASON_DRAINING,
  kCrash = v1::EXIT_REASON_CRASH,
};

// `left`, `edge_lost` …, as clients/SPEC.md names them.
const char* Name(ExitReason reason);

// The end of a channel, for its Terminate.
struct End {
  ExitReason reason = ExitReason::kCrash;
  // Equal for each delivery of the same end; empty when there is none.
  std::string event_id = {};
  // The channel was joined in another host, which is lost.
  bool redelivered = false;
};

// Whether a client is joined.
struct JoinResult {
  static JoinResult Ok(Payload payload = {}) {
    return {true, std::move(payload)};
  }
  static JoinResult Error(Payload payload = {}) {
    return {false, std::move(payload)};
  }

  bool ok;
  Payload payload;
};

// What HandleOut and HandleInfo give: the channel goes on, or it stops.
struct Next {
  static Next Continue() { return {}; }
  static Next Stop(ExitReason reason) { return {reason}; }

  std::optional<ExitReason> stop;
};

// What HandleIn gives: an answer to the event, none (yet), or a stop, with or
// without an answer before it.
struct Result {
  struct Answer {
    // `ok`, `error`, or another name of at most 128 bytes.
    std::string status;
    Payload payload;
  };

  static Result NoReply() { return {}; }
  static Result Ok(Payload payload = {}) {
    return Reply("ok", std::move(payload));
  }
  static Result Error(Payload payload = {}) {
    return Reply("error", std::move(payload));
  }
  static Result Reply(std::string status, Payload payload) {
    return {Answer{std::move(status), std::move(payload)}, std::nullopt};
  }
  static Result Stop(ExitReason reason) { return {std::nullopt, reason}; }
  static Result StopWith(ExitReason reason, std::string status,
                         Payload payload = {}) {
    return {Answer{std::move(status), std::move(payload)}, reason};
  }

  std::optional<Answer> answer;
  std::optional<ExitReason> stop;
};

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_RESULT_H_
