#include "edge/socket/socket.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/log.h"
#include "proto/aerie/v1/credit.h"
#include "proto/phoenix/events.h"
#include "proto/phoenix/wording.h"

namespace aerie::edge {
namespace {

// RFC 6455 section 7.4.1.
constexpr uint16_t kPolicyViolation = 1008;
constexpr uint16_t kMessageTooBig = 1009;
constexpr uint16_t kInternalError = 1011;

}  // namespace

uint32_t Socket::Join::bytes() const {
  return static_cast<uint32_t>(sizeof(Join) + topic.size() + ref.size() +
                               join_ref.size());
}

Socket::Socket(SocketHome& home, SocketRecord record, Transport& transport)
    : home_(home),
      transport_(transport),
      serializer_(phoenix::SerializerOf(record.dialect)),
      number_(record.number),
      epoch_(record.epoch),
      resume_blob_(std::move(record.resume_blob)),
      dialect_(record.dialect) {
  ++home_.tally.sockets;
}

Socket::~Socket() {
  --home_.tally.sockets;
  if (paused_) --home_.tally.sockets_paused;
}

void Socket::OnFrame(phoenix::Opcode opcode, absl::string_view bytes) {
  if (closing_) return;
  v1::EdgeFrame frame;
  v1::Message& message = *frame.mutable_message();
  if (!serializer_.Decode(opcode, bytes, &message).ok()) {
    ++home_.tally.closes_malformed;
    Close(kInternalError);
    return;
  }
  ++home_.tally.messages_in;
  const bool linked = home_.uplink.up();
  if (linked && epoch_ != home_.uplink.epoch()) Resume();
  // JSON text of a value that is no string never equals one of the names, so
  // event_is_json needs no look.
  if (phoenix::IsHeartbeat(message.topic(), message.event())) {
    ++home_.tally.heartbeats;
    Answer(v1::Message::KIND_HEARTBEAT, message);
  } else if (!linked || message.topic_is_json()) {
    AnswerAlone(message);
  } else if (message.event() != phoenix::kPhxJoin || TryJoin(message)) {
    Forward(std::move(frame));
  }
}

void Socket::OnClosed() {
  for (std::unique_ptr<Fastlane::Seat>& seat : seats_) {
    home_.fastlane.Delist(std::move(seat));
  }
  seats_.clear();
  if (home_.uplink.up() && epoch_ == home_.uplink.epoch()) {
    v1::EdgeFrame frame;
    frame.set_socket(number_);
    frame.mutable_gone();
    home_.uplink.Send(std::move(frame));
  }
  home_.remove(number_);  // Nothing of *this is left.
}

void Socket::Deliver(const v1::Message& message) {
  if (!joins_.empty() && phoenix::AnswersJoin(message.kind()))
    JoinAnswered(message);
  Send(message);
}

void Socket::Enlist(const v1::Enlist& enlist) {
  Delist(enlist.pid());
  const auto join =
      std::find_if(joins_.begin(), joins_.end(), [&enlist](const Join& each) {
        return each.accepted && each.topic == enlist.topic() &&
               each.join_ref == enlist.join_ref();
      });
  if (join != joins_.end()) ForgetJoin(join);
  seats_.push_back(home_.fastlane.Enlist(enlist, dialect_, transport_));
}

void Socket::Delist(uint64_t pid) {
  const auto seat =
      std::find_if(seats_.begin(), seats_.end(),
                   [pid](const auto& each) { return each->pid() == pid; });
  if (seat == seats_.end()) return;
  home_.fastlane.Delist(std::move(*seat));
  seats_.erase(seat);
}

void Socket::Credit(const v1::Credit& credit) {
  in_flight_frames_ -= std::min(in_flight_frames_, credit.frames());
  in_flight_bytes_ -= std::min(in_flight_bytes_, credit.bytes());
  PaceReading();
}

bool Socket::Close(uint16_t code) {
  if (closing_) return false;
  closing_ = true;
  transport_.Close(code);
  return true;
}

void Socket::LinkLost() {
  for (std::unique_ptr<Fastlane::Seat>& seat : seats_) {
    std::string topic(seat->topic());
    std::string join_ref(seat->join_ref());
    home_.fastlane.Delist(std::move(seat));
    FailTopic(std::move(topic), std::move(join_ref));
  }
  seats_.clear();
  for (Join& join : joins_) {
    if (join.accepted) {
      FailTopic(std::move(join.topic), std::move(join.join_ref));
      continue;
    }
    ++home_.tally.joins_cut_off;
    v1::Message answer;
    answer.set_kind(v1::Message::KIND_UNAVAILABLE);
    answer.set_topic(std::move(join.topic));
    answer.set_ref(std::move(join.ref));
    answer.set_join_ref(std::move(join.join_ref));
    Send(answer);
  }
  joins_ = {};
  joins_bytes_ = 0;
  in_flight_frames_ = 0;
  in_flight_bytes_ = 0;
  PaceReading();
}

void Socket::FailTopic(std::string topic, std::string join_ref) {
  v1::Message exit;
  exit.set_kind(v1::Message::KIND_EXIT);
  exit.set_exit(v1::Message::EXIT_CLASS_CRASH);
  exit.set_topic(std::move(topic));
  exit.set_join_ref(std::move(join_ref));
  Send(exit);
}

void Socket::Resume() {
  epoch_ = home_.uplink.epoch();
  ++home_.tally.resumes;
  v1::EdgeFrame frame;
  frame.set_socket(number_);
  frame.mutable_resume()->set_blob(resume_blob_);
  home_.uplink.Send(std::move(frame));
}

void Socket::AnswerAlone(v1::Message& request) {
  if (request.event() == phoenix::kPhxLeave) {
    Answer(v1::Message::KIND_LEAVE_UNJOINED, request);
  } else if (request.event() == phoenix::kPhxJoin && !request.topic_is_json()) {
    ++home_.tally.joins_without_link;
    Answer(v1::Message::KIND_UNAVAILABLE, request);
  } else {
    Answer(v1::Message::KIND_UNMATCHED, request);
  }
}

void Socket::Answer(v1::Message::Kind kind, v1::Message& request) {
  request.set_kind(kind);
  Send(request);
}

bool Socket::TryJoin(v1::Message& request) {
  if (IsPlainEvent(request)) return true;
  if (request.topic().size() + request.ref().size() +
          request.join_ref().size() >
      home_.limits.join_names_bytes_max) {
    ++home_.tally.closes_join_too_long;
    Close(kMessageTooBig);
    return false;
  }
  if (!home_.uplink.AdmitJoin()) {
    ++home_.tally.joins_paced;
    Answer(v1::Message::KIND_UNAVAILABLE, request);
    return false;
  }
  Join join{request.topic(), request.ref(), request.join_ref()};
  if (joins_bytes_ + join.bytes() > home_.limits.socket_joins_bytes_max) {
    ++home_.tally.closes_joins_pending;
    Close(kPolicyViolation);
    return false;
  }
  joins_bytes_ += join.bytes();
  joins_.push_back(std::move(join));
  return true;
}

bool Socket::IsPlainEvent(const v1::Message& request) const {
  if (dialect_ != v1::DIALECT_FOUNDING) return false;
  const auto same_topic = [&request](const Join& join) {
    return join.topic == request.topic();
  };
  const auto same_seat = [&request](const auto& seat) {
    return seat->topic() == request.topic();
  };
  return std::any_of(joins_.begin(), joins_.end(), same_topic) ||
         std::any_of(seats_.begin(), seats_.end(), same_seat);
}

void Socket::JoinAnswered(const v1::Message& answer) {
  const auto join =
      std::find_if(joins_.begin(), joins_.end(), [&answer](const Join& each) {
        return !each.accepted && each.topic == answer.topic() &&
               each.ref == answer.ref();
      });
  if (join == joins_.end()) return;
  join->accepted =
      answer.kind() == v1::Message::KIND_JOIN_REPLY && answer.status() == "ok";
  if (!join->accepted) ForgetJoin(join);
}

void Socket::ForgetJoin(std::vector<Join>::iterator join) {
  joins_bytes_ -= join->bytes();
  joins_.erase(join);
  if (joins_.empty()) joins_ = {};  // Most sockets join once: give it back.
}

void Socket::Forward(v1::EdgeFrame frame) {
  ++in_flight_frames_;
  in_flight_bytes_ += v1::CreditBytes(frame.message());
  frame.set_socket(number_);
  home_.uplink.Send(std::move(frame));
  PaceReading();
}

void Socket::Send(const v1::Message& message) {
  if (closing_) return;
  const absl::StatusOr<phoenix::Frame> frame = serializer_.Encode(message);
  if (!frame.ok()) {
    ++home_.tally.encode_skips;
    log::Warning("message skipped", {{"dialect", v1::Dialect_Name(dialect_)},
                                     {"reason", frame.status().message()}});
    return;
  }
  if (frame->silent()) return;
  ++home_.tally.messages_out;
  transport_.Send(*frame);
}

void Socket::PaceReading() {
  const bool exhausted =
      in_flight_frames_ >= home_.limits.socket_in_flight_frames_max ||
      in_flight_bytes_ >= home_.limits.socket_in_flight_bytes_max;
  if (exhausted == paused_) return;
  paused_ = exhausted;
  if (exhausted) {
    ++home_.tally.pauses;
    ++home_.tally.sockets_paused;
    transport_.Pause();
  } else {
    --home_.tally.sockets_paused;
    transport_.Resume();
  }
}

}  // namespace aerie::edge
