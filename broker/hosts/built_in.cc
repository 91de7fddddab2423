#include "broker/hosts/built_in.h"

#include "absl/strings/str_cat.h"
#include "broker/hosts/channel_module.h"
#include "proto/phoenix/events.h"

namespace aerie::broker {

void BuiltInHost::Join(Pid pid, const SocketPtr& /*socket*/,
                       const v1::Message& /*join*/, Actions& out) {
  out.push_back({pid, Joined{}});
}

void BuiltInHost::In(Pid pid, const v1::Message& message, Actions& out) {
  if (message.event_is_json()) {
    out.push_back({pid, Stop{ExitReason::kCrash}});
  } else if (phoenix::IsReservedEvent(message.event())) {
    out.push_back({pid, ErrorReply(message, "reserved event")});
  } else {
    Handle(pid, message, out);
  }
}

void BuiltInHost::Out(Pid pid, const v1::Message& broadcast, Actions& out) {
  out.push_back({pid, Push{broadcast.event(), PayloadOf(broadcast)}});
}

void BuiltInHost::Terminate(Pid pid, ExitReason reason, Actions& out) {
  if (reason == ExitReason::kLeft) out.push_back({pid, Left{}});
  out.push_back({pid, TerminateAck{}});
}

Reply ErrorReply(const v1::Message& event, const char* reason) {
  return {
      event.ref(), "error", {absl::StrCat(R"({"reason":")", reason, "\"}")}};
}

}  // namespace aerie::broker
