#include "broker/channel/exit_reason.h"

namespace aerie::broker {
namespace {

struct Description {
  absl::string_view name;
  v1::Message::ExitClass exit;
  bool announced;
  v1::ExitReason reason;
};

constexpr v1::Message::ExitClass kGraceful = v1::Message::EXIT_CLASS_GRACEFUL;
constexpr v1::Message::ExitClass kFailed = v1::Message::EXIT_CLASS_CRASH;

// In the order of ExitReason. Clients hear nothing of `closed`, `edge_lost` and
// `draining`: they are gone, or their edge tells them.
constexpr Description kDescriptions[] = {
    {"left", kGraceful, true, v1::EXIT_REASON_LEFT},
    {"closed", kGraceful, true, v1::EXIT_REASON_CLOSED},
    {"edge_lost", kFailed, false, v1::EXIT_REASON_EDGE_LOST},
    {"duplicate_join", kGraceful, true, v1::EXIT_REASON_DUPLICATE_JOIN},
    {"normal", kGraceful, true, v1::EXIT_REASON_STOP_NORMAL},
    {"shutdown", kGraceful, true, v1::EXIT_REASON_STOP_SHUTDOWN},
    {"exit_normal", kGraceful, false, v1::EXIT_REASON_EXIT_NORMAL},
    {"host_lost", kFailed, false, v1::EXIT_REASON_HOST_LOST},
    {"killed", kFailed, false, v1::EXIT_REASON_KILLED},
    {"draining", kFailed, false, v1::EXIT_REASON_DRAINING},
    {"crash", kFailed, false, v1::EXIT_REASON_CRASH},
};
static_assert(sizeof(kDescriptions) / sizeof(kDescriptions[0]) == kExitReasons);

}  // namespace

absl::string_view ExitReasonName(ExitReason reason) {
  return kDescriptions[static_cast<int>(reason)].name;
}

v1::ExitReason ToProto(ExitReason reason) {
  return kDescriptions[static_cast<int>(reason)].reason;
}

void DescribeExit(ExitReason reason, v1::Message* message) {
  const Description& description = kDescriptions[static_cast<int>(reason)];
  message->set_kind(v1::Message::KIND_EXIT);
  message->set_exit(description.exit);
  message->set_announced(description.announced);
}

}  // namespace aerie::broker
