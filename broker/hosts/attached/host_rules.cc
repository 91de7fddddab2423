#include "broker/hosts/attached/host_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/service_payload.h"
#include "broker/hosts/attached/channel_frames.h"
#include "broker/topic/router.h"
#include "proto/phoenix/json.h"

namespace aerie::broker {
namespace {

using Frame = v1::HostFrame;

constexpr size_t kNameBytesMax = 128;
constexpr int kPatternsMax = 256;
constexpr size_t kPatternBytesMax = 1'024;
constexpr int kInterceptsMax = 256;
constexpr uint32_t kCapacityDefault = 1'024;
constexpr size_t kStatusBytesMax = 128;
// So that the resume blob has room for them.
constexpr size_t kConnectAssignsBytesMax = 3 << 10;
constexpr size_t kSocketIdBytesMax = 512;

template <typename... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::Status CheckIntercepts(
    const google::protobuf::RepeatedPtrField<std::string>& intercepts) {
  if (intercepts.size() > kInterceptsMax) {
    return Wrong("more than ", kInterceptsMax, " intercepts");
  }
  return absl::OkStatus();
}

absl::Status CheckObject(absl::string_view name, absl::string_view json,
                         size_t bytes_max) {
  if (json.empty()) return absl::OkStatus();
  if (json.size() > bytes_max) {
    return Wrong(name, " of more than ", bytes_max, " bytes");
  }
  const absl::Status valid = phoenix::ValidateJson(json);
  if (!valid.ok()) return Wrong(name, ": ", valid.message());
  if (!phoenix::IsJsonObject(json)) return Wrong(name, ": not an object");
  return absl::OkStatus();
}

// What clients get as an event, by a name that is not the channel layer's own.
absl::Status CheckEvent(absl::string_view event, const v1::Payload& payload,
                        const Limits& limits) {
  if (absl::StartsWith(event, "phx_")) {
    return Wrong("event `", event.substr(0, kNameBytesMax), "` is reserved");
  }
  if (event.size() > limits.max_frame_size) return Wrong("event too long");
  return CheckEventPayload(payload, limits.max_frame_size);
}

// The ref is spliced into a frame, as its client wrote it.
absl::Status CheckReply(const Frame::Reply& reply, const Limits& limits) {
  if (reply.ref().size() > limits.max_frame_size) return Wrong("ref too long");
  if (!reply.ref().empty() && !phoenix::ValidateJson(reply.ref()).ok()) {
    return Wrong("ref: not what HandleIn carried");
  }
  if (reply.status().size() > kStatusBytesMax) {
    return Wrong("status of more than ", kStatusBytesMax, " bytes");
  }
  return CheckPayload(reply.payload(), limits.max_frame_size);
}

absl::Status CheckJoinReply(const Frame::JoinReply& reply,
                            const Limits& limits) {
  absl::Status status = CheckPayload(reply.payload(), limits.max_frame_size);
  if (status.ok()) {
    status =
        CheckObject("assigns", reply.assigns(), limits.host_assigns_bytes_max);
  }
  if (status.ok()) status = CheckIntercepts(reply.intercepts());
  return status;
}

absl::Status CheckStop(const Frame::Stop& stop, const Limits& limits) {
  ExitReason reason;
  if (!FromProto(stop.reason(), &reason)) {
    return Wrong("reason ", stop.reason(), ": not one to stop with");
  }
  return stop.has_reply() ? CheckReply(stop.reply(), limits) : absl::OkStatus();
}

absl::Status CheckConnectReply(const Frame::ConnectReply& reply,
                               const Limits& limits) {
  if (reply.status() != 0 && (reply.status() < 400 || reply.status() > 599)) {
    return Wrong("status ", reply.status(), ": not between 400 and 599");
  }
  if (reply.socket_id().size() > kSocketIdBytesMax) {
    return Wrong("socket_id of more than ", kSocketIdBytesMax, " bytes");
  }
  if (reply.reason().size() > limits.max_frame_size) {
    return Wrong("reason too long");
  }
  return CheckObject("assigns", reply.assigns(), kConnectAssignsBytesMax);
}

absl::Status CheckSend(const Frame::Send& send, const Limits& limits) {
  if (send.to() == 0) return Wrong("a receiver is missing");
  if (send.event().size() > limits.max_frame_size) {
    return Wrong("event too long");
  }
  return CheckPayload(send.payload(), limits.max_frame_size);
}

// By kind; an unknown one is of a later minor version, and may be ignored.
absl::Status CheckKind(const Frame& frame, const Limits& limits) {
  switch (frame.frame_case()) {
    case Frame::kRegistration:
      return Wrong("a second Registration");
    case Frame::kJoinReply:
      return CheckJoinReply(frame.join_reply(), limits);
    case Frame::kReply:
      return CheckReply(frame.reply(), limits);
    case Frame::kPush:
      return CheckEvent(frame.push().event(), frame.push().payload(), limits);
    case Frame::kBroadcast:
      return CheckEvent(frame.broadcast().event(), frame.broadcast().payload(),
                        limits);
    case Frame::kStop:
      return CheckStop(frame.stop(), limits);
    case Frame::kSetAssigns:
      if (frame.set_assigns().assigns().empty()) return Wrong("no assigns");
      return CheckObject("assigns", frame.set_assigns().assigns(),
                         limits.host_assigns_bytes_max);
    case Frame::kDone:
      return frame.done().callbacks() == 0 ? Wrong("nothing is done")
                                           : absl::OkStatus();
    case Frame::kSend:
      return CheckSend(frame.send(), limits);
    case Frame::kDisconnect:
      return frame.disconnect().socket_id().empty()
                 ? Wrong("a socket_id is missing")
                 : absl::OkStatus();
    case Frame::kConnectReply:
      return CheckConnectReply(frame.connect_reply(), limits);
    default:
      return absl::OkStatus();
  }
}

// Whether the frame is about one channel and nothing else.
bool NeedsChannel(const Frame& frame) {
  switch (frame.frame_case()) {
    case Frame::kJoinReply:
    case Frame::kReply:
    case Frame::kPush:
    case Frame::kStop:
    case Frame::kLeft:
    case Frame::kTerminated:
    case Frame::kSetAssigns:
      return true;
    case Frame::kBroadcast:
      return frame.broadcast().topic().empty();
    default:
      return false;
  }
}

std::string KindName(const Frame& frame) {
  const auto* field = Frame::descriptor()->FindFieldByNumber(
      static_cast<int>(frame.frame_case()));
  return field == nullptr ? "frame" : field->name();
}

absl::StatusOr<HostPattern> CheckHostPattern(const Frame::Pattern& pattern) {
  absl::Status status = CheckPattern(pattern.pattern());
  if (status.ok()) status = CheckIntercepts(pattern.intercepts());
  if (!status.ok()) return status;
  if (pattern.pattern().size() > kPatternBytesMax) {
    return Wrong("pattern of more than ", kPatternBytesMax, " bytes");
  }
  HostPattern out;
  out.pattern = pattern.pattern();
  out.intercepts.assign(pattern.intercepts().begin(),
                        pattern.intercepts().end());
  switch (pattern.spread()) {
    case Frame::Pattern::SPREAD_UNSPECIFIED:
    case Frame::Pattern::SPREAD_TOPIC:
      out.spread = Spread::kTopic;
      return out;
    case Frame::Pattern::SPREAD_SOCKET:
      out.spread = Spread::kSocket;
      return out;
    case Frame::Pattern::SPREAD_LEAST_LOADED:
      out.spread = Spread::kLeastLoaded;
      return out;
    default:
      return Wrong("pattern `", pattern.pattern(), "`: unknown spread");
  }
}

absl::Status CheckName(absl::string_view what, absl::string_view name) {
  if (!name.empty() && name.size() <= kNameBytesMax) return absl::OkStatus();
  return Wrong(what, " of 1 to ", kNameBytesMax, " bytes is missing");
}

}  // namespace

absl::StatusOr<HostRecord> CheckRegistration(
    const Frame::Registration& registration, const Limits& limits) {
  if (registration.major() != kHostMajor) {
    return absl::FailedPreconditionError(
        absl::StrCat("this broker speaks version ", kHostMajor, ".", kHostMinor,
                     " of ChannelHost, the host ", registration.major(), ".",
                     registration.minor()));
  }
  absl::Status status = CheckName("a name", registration.name());
  if (status.ok()) status = CheckName("an instance", registration.instance());
  if (!status.ok()) return status;
  if (registration.version().size() > kNameBytesMax) {
    return Wrong("version of more than ", kNameBytesMax, " bytes");
  }
  if (registration.patterns_size() > kPatternsMax) {
    return Wrong("more than ", kPatternsMax, " patterns");
  }
  if (registration.patterns().empty() && !registration.connect()) {
    return Wrong("neither patterns nor connect: nothing to do");
  }
  HostRecord record;
  std::set<std::string> seen;
  for (const Frame::Pattern& pattern : registration.patterns()) {
    absl::StatusOr<HostPattern> checked = CheckHostPattern(pattern);
    if (!checked.ok()) return checked.status();
    if (!seen.insert(pattern.pattern()).second) {
      return Wrong("pattern `", pattern.pattern(), "` stands twice");
    }
    record.patterns.push_back(*std::move(checked));
  }
  record.name = registration.name();
  record.instance = registration.instance();
  record.version = registration.version();
  record.connect = registration.connect();
  record.capacity =
      registration.capacity() == 0 ? kCapacityDefault : registration.capacity();
  record.capacity = std::min(record.capacity, limits.host_capacity_max);
  return record;
}

absl::Status CheckHostFrame(const Frame& frame, const Limits& limits) {
  if (NeedsChannel(frame) && frame.channel() == 0) {
    return Wrong(KindName(frame), ": of no channel");
  }
  absl::Status status = CheckKind(frame, limits);
  if (status.ok()) return status;
  return Wrong(KindName(frame), ", channel ", frame.channel(), ": ",
               status.message());
}

}  // namespace aerie::broker
