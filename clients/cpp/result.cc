#include "clients/cpp/result.h"

namespace aerie::client {

const char* Name(ExitReason reason) {
  switch (reason) {
    case ExitReason::kLeft:
      return "left";
    case ExitReason::kClosed:
      return "closed";
    case ExitReason::kEdgeLost:
      return "edge_lost";
    case ExitReason::kDuplicateJoin:
      return "duplicate_join";
    case ExitReason::kStopNormal:
      return "stop_normal";
    case ExitReason::kStopShutdown:
      return "stop_shutdown";
    case ExitReason::kExitNormal:
      return "exit_normal";
    case ExitReason::kHostLost:
      return "host_lost";
    case ExitReason::kKilled:
      return "killed";
    case ExitReason::kDraining:
      return "draining";
    case ExitReason::kCrash:
      return "crash";
  }
  return "unknown";
}

}  // namespace aerie::client
