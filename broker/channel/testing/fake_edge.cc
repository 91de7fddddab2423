#include "broker/channel/testing/fake_edge.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace aerie::broker {
namespace {

std::string Ref(absl::string_view ref) {
  return ref.empty() ? "-" : absl::StrReplaceAll(ref, {{"\"", ""}});
}

std::string PayloadOf(const v1::Message& message) {
  if (message.has_binary()) return absl::StrCat("<", message.binary(), ">");
  return message.json().empty() ? "{}" : message.json();
}

std::string KindOf(const v1::Message& message) {
  const std::string& name = v1::Message::Kind_Name(message.kind());
  return absl::AsciiStrToLower(absl::string_view(name).substr(5));  // KIND_
}

std::string Line(const v1::Message& message) {
  std::string line =
      absl::StrCat(message.topic(), " ", KindOf(message), " ",
                   Ref(message.join_ref()), "/", Ref(message.ref()));
  switch (message.kind()) {
    case v1::Message::KIND_JOIN_REPLY:
    case v1::Message::KIND_REPLY:
      absl::StrAppend(&line, " ", message.status(), " ", PayloadOf(message));
      break;
    case v1::Message::KIND_PUSH:
      absl::StrAppend(&line, " ", message.event(), " ", PayloadOf(message));
      break;
    case v1::Message::KIND_EXIT:
      absl::StrAppend(&line,
                      message.exit() == v1::Message::EXIT_CLASS_GRACEFUL
                          ? " graceful"
                          : " crash",
                      message.announced() ? " announced" : "");
      break;
    default:
      break;
  }
  return line;
}

std::string Line(const v1::BrokerFrame& frame) {
  switch (frame.frame_case()) {
    case v1::BrokerFrame::kMessage:
      return absl::StrCat(frame.socket(), " ", Line(frame.message()));
    case v1::BrokerFrame::kEnlist:
      return absl::StrCat(frame.socket(), " ", frame.enlist().topic(),
                          " enlist ", Ref(frame.enlist().join_ref()),
                          " pid=", frame.enlist().pid(),
                          " group=", frame.enlist().group());
    case v1::BrokerFrame::kDelist:
      return absl::StrCat(frame.socket(), " ", frame.delist().topic(),
                          " delist pid=", frame.delist().pid());
    case v1::BrokerFrame::kFanout:
      return absl::StrCat("fanout ", frame.fanout().message().topic(), " ",
                          frame.fanout().message().event(), " ",
                          PayloadOf(frame.fanout().message()),
                          " groups=", frame.fanout().groups(), " except=",
                          absl::StrJoin(frame.fanout().except(), ","));
    case v1::BrokerFrame::kClose:
      return absl::StrCat(frame.socket(), " close ", frame.close().code());
    default:
      return frame.ShortDebugString();
  }
}

}  // namespace

void FakeEdge::Send(v1::BrokerFrame frame) {
  if (frame.has_credit()) {
    credit_frames_ += frame.credit().frames();
    credit_bytes_ += frame.credit().bytes();
  } else {
    events_.push_back(Line(frame));
  }
  frames_.push_back(std::move(frame));
}

std::vector<std::string> FakeEdge::Take() { return std::exchange(events_, {}); }

}  // namespace aerie::broker
