#include "broker/rpc/link_sockets.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/auth/policy.h"
#include "broker/channel/exit_reason.h"
#include "common/log.h"
#include "proto/aerie/v1/canary_topic.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kServiceRestart = 1012;
// Phoenix: lines of one POST that are handled.
constexpr int kPollMessagesMax = 100;

absl::Status Malformed(absl::string_view what, uint64_t number) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed: ", what, ", socket ", number));
}

}  // namespace

void LinkSockets::Start(std::shared_ptr<Edge> edge, PostFunction post) {
  edge_ = std::move(edge);
  post_ = std::move(post);
}

absl::Status LinkSockets::In(v1::EdgeBatch& batch) {
  context_.metrics.link_frames_in.Increment(batch.frames_size());
  absl::Status status;
  in_batch_ = true;
  for (v1::EdgeFrame& frame : *batch.mutable_frames()) {
    status = InFrame(frame);
    if (!status.ok()) break;
  }
  in_batch_ = false;
  HandOn();
  return status;
}

// Verdicts come in turns of their own; what many of them say in a row travels
// together.
void LinkSockets::Answer(v1::BrokerFrame answer) {
  answers_.push_back(std::move(answer));
  if (!in_batch_ && answers_.size() == 1) {
    post_([this] { HandOn(); });
  }
}

// The edge hears of a socket before the shards do: a disconnect must not
// overtake that.
void LinkSockets::HandOn() {
  if (edge_ != nullptr) edge_->SendAll(answers_);
  context_.shards.SocketsOpened(opened_);
  opened_.clear();
  if (!messages_.empty()) {
    context_.shards.In(std::exchange(messages_, {}));
  }
  if (!gone_.empty()) {
    context_.shards.SocketsGone(std::exchange(gone_, {}), ExitReason::kClosed);
  }
}

absl::Status LinkSockets::InFrame(v1::EdgeFrame& frame) {
  const uint64_t number = frame.socket();
  switch (frame.frame_case()) {
    case v1::EdgeFrame::kMessage:
      return Message(number, *frame.mutable_message());
    case v1::EdgeFrame::kConnect:
      return Connect(number, frame.connect());
    case v1::EdgeFrame::kResume:
      return Resume(number, frame.resume());
    case v1::EdgeFrame::kGone:
      Gone(number);
      return absl::OkStatus();
    case v1::EdgeFrame::kPoll:
      return Poll(number, *frame.mutable_poll());
    case v1::EdgeFrame::kPollDone:
      PollDone(number, frame.poll_done().written());
      return absl::OkStatus();
    case v1::EdgeFrame::kPollSend:
      return PollSend(number, *frame.mutable_poll_send());
    case v1::EdgeFrame::kCanary:
      return Canary();
    case v1::EdgeFrame::kHello:
      return Malformed("a second Hello", number);
    case v1::EdgeFrame::FRAME_NOT_SET:
      // Of a later minor version: may be ignored.
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

bool LinkSockets::Known(uint64_t number) const {
  return sockets_.contains(number) || connecting_.contains(number) ||
         restarting_.contains(number);
}

absl::Status LinkSockets::Connect(uint64_t number, const v1::Connect& request) {
  if (number == 0 || Known(number)) {
    return Malformed("Connect of a number in use", number);
  }
  if (draining_) {
    Refuse(number, {.status = 503, .body = {}});
    return absl::OkStatus();
  }
  connecting_.insert(number);
  const Policy policy = PolicyOf(request.dialect(), context_.limits);
  const Origin origin =
      OriginOf(request.dialect(), request.transport(), request.peer());
  context_.rule.Decide(request, [this, post = post_, number, policy,
                                 origin](ConnectVerdict verdict) {
    post(
        [this, number, policy, origin, verdict = std::move(verdict)]() mutable {
          Decided(number, policy, origin, std::move(verdict));
        });
  });
  return absl::OkStatus();
}

Origin LinkSockets::OriginOf(v1::Dialect dialect, v1::Transport transport,
                             absl::string_view peer) const {
  return {.peer = PeerAddress(peer),
          .dialect = dialect,
          .transport = transport,
          .since_s =
              static_cast<uint32_t>(absl::ToUnixSeconds(context_.clock.Now()))};
}

void LinkSockets::Decided(uint64_t number, const Policy& policy,
                          const Origin& origin, ConnectVerdict verdict) {
  // The client may have left meanwhile, or the link may have ended.
  if (connecting_.erase(number) == 0) return;
  if (auto* denial = std::get_if<Denial>(&verdict)) {
    return Refuse(number, std::move(*denial));
  }
  Admission& admission = std::get<Admission>(verdict);
  ResumeFields fields = {.socket_id = std::move(admission.socket_id),
                         .assigns = std::move(admission.assigns),
                         .policy = policy,
                         .grant = std::move(admission.grant),
                         .dialect = origin.dialect,
                         .transport = origin.transport};
  const absl::StatusOr<std::string> blob =
      context_.blobs.Seal(fields, context_.clock.Now());
  if (!blob.ok()) {
    log::Error("connect refused", {{"reason", blob.status().ToString()}});
    return Refuse(number, {.status = 500, .body = {}});
  }
  context_.metrics.connects_opened.Increment();
  v1::BrokerFrame frame;
  frame.set_socket(number);
  frame.mutable_opened()->set_socket_id(fields.socket_id);
  frame.mutable_opened()->set_resume_blob(*blob);
  Open(number, std::move(fields), origin);
  Answer(std::move(frame));
}

void LinkSockets::Refuse(uint64_t number, Denial denial) {
  context_.metrics.connects_refused.Increment();
  v1::BrokerFrame frame;
  frame.set_socket(number);
  frame.mutable_refused()->set_status(denial.status);
  frame.mutable_refused()->set_body(std::move(denial.body));
  Answer(std::move(frame));
}

absl::Status LinkSockets::Resume(uint64_t number, const v1::Resume& resume) {
  if (number == 0 || Known(number)) {
    return Malformed("Resume of a number in use", number);
  }
  absl::StatusOr<ResumeFields> fields =
      context_.blobs.Open(resume.blob(), context_.clock.Now());
  if (!fields.ok()) {
    log::Debug("resume refused", {{"reason", fields.status().ToString()}});
    context_.metrics.resumes_refused.Increment();
    Restart(number);
    return absl::OkStatus();
  }
  context_.metrics.resumes.Increment();
  const Origin origin = OriginOf(fields->dialect, fields->transport, {});
  Open(number, *std::move(fields), origin);
  return absl::OkStatus();
}

void LinkSockets::Open(uint64_t number, ResumeFields fields,
                       const Origin& origin) {
  auto socket = std::make_shared<Socket>(
      edge_, number, std::move(fields.socket_id), std::move(fields.assigns),
      fields.policy, std::move(fields.grant), origin);
  opened_.push_back(socket);
  sockets_.emplace(number, std::move(socket));
  context_.metrics.sockets.Increment();
}

absl::Status LinkSockets::Message(uint64_t number, v1::Message& message) {
  if (message.kind() != v1::Message::KIND_CLIENT) {
    return Malformed("a message that no client sends", number);
  }
  const auto found = sockets_.find(number);
  if (found != sockets_.end()) {
    messages_.push_back({found->second, std::move(message)});
    return absl::OkStatus();
  }
  if (number == 0 || connecting_.contains(number)) {
    return Malformed("a message of a socket that is not open", number);
  }
  context_.metrics.strangers_messages.Increment();
  // Its credit is lost with the message, so the socket cannot go on.
  if (!restarting_.contains(number)) Restart(number);
  return absl::OkStatus();
}

// Has the client connect anew. Its Gone follows.
void LinkSockets::Restart(uint64_t number) {
  restarting_.insert(number);
  v1::BrokerFrame frame;
  frame.set_socket(number);
  frame.mutable_close()->set_code(kServiceRestart);
  Answer(std::move(frame));
}

void LinkSockets::Gone(uint64_t number) {
  connecting_.erase(number);
  restarting_.erase(number);
  const auto found = sockets_.find(number);
  if (found == sockets_.end()) return;
  gone_.push_back(std::move(found->second));
  sockets_.erase(found);
  context_.metrics.sockets.Decrement();
}

absl::Status LinkSockets::Poll(uint64_t number, v1::Poll& poll) {
  if (number == 0 || Known(number) || polls_.contains(number)) {
    return Malformed("Poll of a number in use", number);
  }
  const uint64_t session =
      context_.polls.Poll({edge_, number}, std::move(poll));
  if (session != 0) polls_.emplace(number, session);
  return absl::OkStatus();
}

void LinkSockets::PollDone(uint64_t number, bool written) {
  const auto found = polls_.find(number);
  if (found == polls_.end()) return;  // It was of no session.
  context_.polls.Done({edge_, number}, found->second, written);
  polls_.erase(found);
}

absl::Status LinkSockets::PollSend(uint64_t number, v1::PollSend& send) {
  const bool from_client =
      absl::c_all_of(send.messages(), [](const v1::Message& message) {
        return message.kind() == v1::Message::KIND_CLIENT;
      });
  if (number == 0 || !from_client || send.messages_size() > kPollMessagesMax) {
    return Malformed("messages that no poll sends", number);
  }
  context_.polls.Send({edge_, number}, std::move(send));
  return absl::OkStatus();
}

// Through every shard, so that one that is stuck is noticed. One at a time:
// more would heap up before it.
absl::Status LinkSockets::Canary() {
  if (canary_under_way_) return Malformed("a second canary", 0);
  canary_under_way_ = true;
  context_.metrics.canaries.Increment();
  context_.shards.OnEach(
      [](uint32_t /*shard*/) {},
      [this, post = post_] { post([this] { SendCanaryBack(); }); });
  return absl::OkStatus();
}

void LinkSockets::SendCanaryBack() {
  canary_under_way_ = false;
  if (edge_ == nullptr) return;  // The link has ended meanwhile.
  v1::BrokerFrame frame;
  v1::Message& message = *frame.mutable_fanout()->mutable_message();
  message.set_kind(v1::Message::KIND_BROADCAST);
  message.set_topic(v1::kCanaryTopic.data(), v1::kCanaryTopic.size());
  edge_->Send(std::move(frame));
}

std::vector<SocketPtr> LinkSockets::List(uint64_t after, size_t max) const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, socket] : sockets_) {
    if (number > after) numbers.push_back(number);
  }
  const size_t size = std::min(max, numbers.size());
  std::partial_sort(numbers.begin(),
                    numbers.begin() + static_cast<ptrdiff_t>(size),
                    numbers.end());
  std::vector<SocketPtr> listed;
  for (size_t i = 0; i < size; ++i) listed.push_back(sockets_.at(numbers[i]));
  return listed;
}

SocketPtr LinkSockets::Find(uint64_t number) const {
  const auto found = sockets_.find(number);
  return found == sockets_.end() ? nullptr : found->second;
}

void LinkSockets::End() {
  HandOn();
  if (edge_ != nullptr) context_.polls.LinkLost(edge_);
  edge_ = nullptr;
  polls_.clear();
  connecting_.clear();
  restarting_.clear();
  if (sockets_.empty()) return;
  std::vector<SocketPtr> lost;
  lost.reserve(sockets_.size());
  for (auto& [number, socket] : sockets_) lost.push_back(std::move(socket));
  context_.metrics.sockets.Decrement(static_cast<double>(sockets_.size()));
  sockets_.clear();
  context_.shards.SocketsGone(std::move(lost), ExitReason::kEdgeLost);
}

}  // namespace aerie::broker
