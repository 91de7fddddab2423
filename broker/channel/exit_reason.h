#ifndef AERIE_BROKER_CHANNEL_EXIT_REASON_H_
#define AERIE_BROKER_CHANNEL_EXIT_REASON_H_

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/aerie/v1/payload.pb.h"

namespace aerie::broker {

// Why a channel ended. Phoenix: the exit reason of its process.
enum class ExitReason {
  kLeft,           // The client left: {:shutdown, :left}.
  kClosed,         // The client's connection ended: {:shutdown, :closed}.
  kEdgeLost,       // The edge that held the connection is gone.
  kDuplicateJoin,  // The client joined the topic again.
  kStopNormal,     // The host returned stop, normal.
  kStopShutdown,   // The host returned stop, shutdown.
  kExitNormal,     // The host exited normally without having returned stop.
  kHostLost,       // The host is gone.
  kKilled,         // An operator closed the channel.
  kDraining,       // The broker is shutting down.
  kCrash,          // Anything else.
};
inline constexpr int kExitReasons = static_cast<int>(ExitReason::kCrash) + 1;

// The reason's name in logs, metrics and `terminate`: `duplicate_join`.
absl::string_view ExitReasonName(ExitReason reason);

// As services see it.
v1::ExitReason ToProto(ExitReason reason);

// What a client may know of it: graceful or crash, and whether the channel
// layer announced the end. The one place that decides between phx_close and
// phx_error: modern dialects say phx_close to an announced graceful end, the
// founding one to any graceful end. Sets kind, exit and announced.
void DescribeExit(ExitReason reason, v1::Message* message);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_EXIT_REASON_H_
