#include "broker/channel/testing/fake_host.h"

#include "absl/strings/str_cat.h"

namespace aerie::broker {
namespace {

std::string PayloadOf(const v1::Message& message) {
  if (message.has_binary()) return absl::StrCat("<", message.binary(), ">");
  return message.json().empty() ? "{}" : message.json();
}

}  // namespace

void FakeHost::Join(Pid pid, const SocketPtr& /*socket*/,
                    const v1::Message& join, Actions& out) {
  last_ = pid;
  calls_.push_back(absl::StrCat("join ", pid.serial, " ", join.topic(), " ",
                                PayloadOf(join)));
  if (at_once_) out.push_back({pid, Joined{}});
}

void FakeHost::In(Pid pid, const v1::Message& message, Actions& out) {
  calls_.push_back(absl::StrCat("in ", pid.serial, " ", message.event(), " ",
                                message.ref(), " ", PayloadOf(message)));
  for (Action& action : std::exchange(next_in_, {})) {
    out.push_back(std::move(action));
  }
}

void FakeHost::Out(Pid pid, const v1::Message& broadcast, Actions& /*out*/) {
  calls_.push_back(absl::StrCat("out ", pid.serial, " ", broadcast.event(), " ",
                                PayloadOf(broadcast)));
}

void FakeHost::Info(Pid pid, const v1::Message& message, Actions& /*out*/) {
  calls_.push_back(absl::StrCat("info ", pid.serial, " ", message.event(), " ",
                                PayloadOf(message)));
}

void FakeHost::Terminate(Pid pid, ExitReason reason, Actions& out) {
  calls_.push_back(
      absl::StrCat("terminate ", pid.serial, " ", ExitReasonName(reason)));
  if (!at_once_) return;
  if (reason == ExitReason::kLeft) out.push_back({pid, Left{}});
  out.push_back({pid, TerminateAck{}});
}

}  // namespace aerie::broker
