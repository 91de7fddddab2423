#include "broker/channel/exit_reason.h"

namespace aerie::broker {
namespace {

struct Description {
  absl::string_view name;
  v1::Message::ExitClass exit;
  bool announced;
};

constexpr v1::Message::ExitClass kGraceful = v1::Message::EXIT_CLASS_GRACEFUL;
constexpr v1::Message::ExitClass kFailed = v1::Message::EXIT_CLASS_CRASH;

// In the order of ExitReason. Clients hear nothing of `closed`, `edge_lost` and
// `draining`: they are gone, or their edge tells them.
constexpr Description kDescriptions[] = {
    {"left", kGraceful, true},         {"closed", kGraceful, true},
    {"edge_lost", kFailed, false},     {"duplicate_join", kGraceful, true},
    {"normal", kGraceful, true},       {"shutdown", kGraceful, true},
    {"exit_normal", kGraceful, false}, {"host_lost", kFailed, false},
    {"killed", kFailed, false},        {"draining", kFailed, false},
    {"crash", kFailed, false},
};
static_assert(sizeof(kDescriptions) / sizeof(kDescriptions[0]) == kExitReasons);

}  // namespace

absl::string_view ExitReasonName(ExitReason reason) {
  return kDescriptions[static_cast<int>(reason)].name;
}

void DescribeExit(ExitReason reason, v1::Message* message) {
  const Description& description = kDescriptions[static_cast<int>(reason)];
  message->set_kind(v1::Message::KIND_EXIT);
  message->set_exit(description.exit);
  message->set_announced(description.announced);
}

}  // namespace aerie::broker
