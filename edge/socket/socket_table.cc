#include "edge/socket/socket_table.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "common/log.h"
#include "proto/aerie/v1/canary_topic.h"

namespace aerie::edge {
namespace {

// In RFC 6455's registry of close codes: the service restarts.
constexpr uint16_t kServiceRestart = 1012;

constexpr uint32_t kInternalServerError = 500;
constexpr uint32_t kServiceUnavailable = 503;

}  // namespace

SocketTable::SocketTable(uint32_t index, uint32_t threads, const Limits& limits,
                         Upstream& upstream, Metrics& metrics,
                         const Clock& clock)
    : threads_(threads),
      limits_(limits),
      waiting_max_(std::max(1u, limits.connects_pending_max / threads)),
      metrics_(metrics),
      clock_(clock),
      uplink_(upstream, limits_, threads, clock),
      canary_(index, uplink_, limits_, metrics, clock),
      home_{limits_, uplink_, fastlane_, tally_,
            [this](SocketNumber number) { sockets_.erase(number); }},
      next_number_(SocketNumber{threads} + index),
      admission_(limits_, threads, clock) {}

void SocketTable::Connect(v1::Connect request,
                          absl::AnyInvocable<void(ConnectAnswer)> answer) {
  uint64_t* refused = WhyRefused();
  if (refused != nullptr) {
    ++*refused;
    answer(Refusal{kServiceUnavailable, ""});
    return;
  }
  if (!admission_.Admit()) {
    ++tally_.connects_paced;
    answer(Refusal{kServiceUnavailable, "", admission_.RetryAfterS()});
    return;
  }
  const SocketNumber number = TakeNumber();
  Waiting& waiting = waiting_[number];
  waiting.dialect = request.dialect();
  waiting.deadline_ms = clock_.NowMs() + limits_.connect_timeout_ms;
  waiting.answer = std::move(answer);
  v1::EdgeFrame frame;
  frame.set_socket(number);
  *frame.mutable_connect() = std::move(request);
  uplink_.Send(std::move(frame));
}

SocketNumber SocketTable::TakeNumber() {
  return std::exchange(next_number_, next_number_ + threads_);
}

SocketNumber SocketTable::Poll(v1::Poll request, PollAnswered answered) {
  if (request.token().empty() && RefusesSession(answered)) return 0;
  const SocketNumber number = TakeNumber();
  if (!polls_.Get(number, std::move(request), std::move(answered))) return 0;
  if (draining_) to_close_.push_back(number);
  return number;
}

// While draining, sessions go on elsewhere; new ones start there.
bool SocketTable::RefusesSession(PollAnswered& answered) {
  v1::PollAnswer answer;
  answer.set_result(v1::PollAnswer::RESULT_UNAVAILABLE);
  if (draining_) {
    ++tally_.polls_draining;
  } else if (uplink_.up() && !admission_.Admit()) {
    ++tally_.polls_paced;
    answer.set_retry_after_s(admission_.RetryAfterS());
  } else {
    return false;
  }
  answered(answer);
  return true;
}

SocketNumber SocketTable::PollSend(v1::PollSend request,
                                   PollAnswered answered) {
  const SocketNumber number = TakeNumber();
  return polls_.Send(number, std::move(request), std::move(answered)) ? number
                                                                      : 0;
}

void SocketTable::EndPoll(SocketNumber number, bool written) {
  polls_.End(number, written);
}

Socket& SocketTable::Open(SocketNumber number, Transport& transport) {
  Opening opening = std::move(opening_.at(number));
  opening_.erase(number);
  std::unique_ptr<Socket>& socket = sockets_[number];
  socket =
      std::make_unique<Socket>(home_, std::move(opening.record), transport);
  if (draining_) to_close_.push_back(number);
  if (opening.close_code != 0) Close(number, opening.close_code);
  return *socket;
}

void SocketTable::Abandon(SocketNumber number) {
  const auto found = opening_.find(number);
  if (found == opening_.end()) return;
  const uint64_t epoch = found->second.record.epoch;
  opening_.erase(found);
  if (epoch == uplink_.epoch()) SendGone(number);
}

void SocketTable::LinkUp(uint64_t epoch) {
  if (uplink_.up()) LinkLost();
  uplink_.Up(epoch);
}

void SocketTable::Apply(const v1::BrokerFrame& frame) {
  if (!uplink_.up()) return;
  const SocketNumber number = frame.socket();
  switch (frame.frame_case()) {
    case v1::BrokerFrame::kOpened:
      return Opened(number, frame.opened());
    case v1::BrokerFrame::kRefused:
      return Refused(number, frame.refused());
    case v1::BrokerFrame::kFanout:
      return Fanout(frame.fanout());
    case v1::BrokerFrame::kClose:
      return Close(number, static_cast<uint16_t>(frame.close().code()));
    case v1::BrokerFrame::kRenewed:
      return Renewed(number, frame.renewed());
    case v1::BrokerFrame::kPollAnswer:
      return polls_.Apply(number, frame.poll_answer());
    case v1::BrokerFrame::kMessage:
    case v1::BrokerFrame::kEnlist:
    case v1::BrokerFrame::kDelist:
    case v1::BrokerFrame::kCredit:
      // What is said to a socket that has gone crosses its Gone.
      if (Socket* socket = Find(number)) ApplyTo(*socket, frame);
      return;
    case v1::BrokerFrame::kWelcome:
      return canary_.Welcomed(frame.welcome().minor());
    case v1::BrokerFrame::kDrain:
    case v1::BrokerFrame::FRAME_NOT_SET:
      return;
  }
}

void SocketTable::LinkLost() {
  if (!uplink_.up()) return;
  uplink_.Lost();
  canary_.LinkLost();
  for (auto& [number, socket] : sockets_) socket->LinkLost();
  polls_.LinkLost();
  RefuseAll(tally_.connects_without_link);
}

void SocketTable::Tick() {
  ExpireConnects();
  canary_.Tick();
  tally_.Publish(metrics_);
}

void SocketTable::Drain() {
  if (draining_) return;
  draining_ = true;
  for (const auto& [number, waiting] : waiting_) SendGone(number);
  RefuseAll(tally_.connects_draining);
  to_close_ = polls_.Waiting();
  to_close_.reserve(to_close_.size() + sockets_.size());
  for (const auto& [number, socket] : sockets_) to_close_.push_back(number);
  std::shuffle(to_close_.begin(), to_close_.end(), absl::InsecureBitGen());
}

size_t SocketTable::CloseSome(size_t count) {
  while (count > 0 && !to_close_.empty()) {
    const SocketNumber number = to_close_.back();
    to_close_.pop_back();
    Socket* const socket = Find(number);
    const bool ends = socket == nullptr ? polls_.Release(number)
                                        : socket->Close(kServiceRestart);
    if (!ends) continue;
    ++tally_.closes_drained;
    --count;
  }
  return to_close_.size();
}

uint64_t* SocketTable::WhyRefused() {
  if (draining_) return &tally_.connects_draining;
  if (!uplink_.up()) return &tally_.connects_without_link;
  if (waiting_.size() >= waiting_max_) return &tally_.connects_over_limit;
  return nullptr;
}

void SocketTable::Opened(SocketNumber number, const v1::Opened& opened) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return SendGone(number);  // It came too late.
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  ++tally_.connects_opened;
  opening_[number].record = {number, waiting.dialect, opened.resume_blob(),
                             uplink_.epoch()};
  waiting.answer(number);
}

void SocketTable::Refused(SocketNumber number, const v1::Refused& refused) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  ++tally_.connects_refused_by_broker;
  const bool valid = refused.status() >= 400 && refused.status() <= 599;
  waiting.answer(
      Refusal{valid ? refused.status() : kInternalServerError, refused.body()});
}

void SocketTable::Fanout(const v1::Fanout& fanout) {
  if (fanout.message().topic() == v1::kCanaryTopic) return canary_.Heard();
  const Fastlane::Outcome outcome = fastlane_.Send(fanout);
  ++tally_.fanouts;
  tally_.deliveries += outcome.deliveries;
  tally_.encode_skips += outcome.skipped;
}

void SocketTable::Close(SocketNumber number, uint16_t code) {
  if (Socket* socket = Find(number)) {
    if (socket->Close(code)) ++tally_.closes_by_broker;
    return;
  }
  const auto opening = opening_.find(number);
  if (opening != opening_.end()) opening->second.close_code = code;
}

void SocketTable::Renewed(SocketNumber number, const v1::Renewed& renewed) {
  if (Socket* socket = Find(number)) {
    return socket->Renew(renewed.resume_blob());
  }
  const auto opening = opening_.find(number);
  if (opening == opening_.end()) return;
  opening->second.record.resume_blob = renewed.resume_blob();
}

void SocketTable::ApplyTo(Socket& socket, const v1::BrokerFrame& frame) {
  if (frame.has_message()) return socket.Deliver(frame.message());
  if (frame.has_delist()) return socket.Delist(frame.delist().pid());
  if (frame.has_credit()) return socket.Credit(frame.credit());
  const v1::Enlist& enlist = frame.enlist();
  if (enlist.group() < Fastlane::kGroups) return socket.Enlist(enlist);
  log::Error("broker enlists into no group", {{"group", enlist.group()}});
}

void SocketTable::SendGone(SocketNumber number) {
  v1::EdgeFrame frame;
  frame.set_socket(number);
  frame.mutable_gone();
  uplink_.Send(std::move(frame));
}

Socket* SocketTable::Find(SocketNumber number) {
  const auto found = sockets_.find(number);
  return found == sockets_.end() ? nullptr : found->second.get();
}

void SocketTable::ExpireConnects() {
  const int64_t now_ms = clock_.NowMs();
  while (!waiting_.empty() && waiting_.begin()->second.deadline_ms <= now_ms) {
    const auto first = waiting_.begin();
    SendGone(first->first);
    Waiting waiting = std::move(first->second);
    waiting_.erase(first);
    ++tally_.connects_timed_out;
    waiting.answer(Refusal{kServiceUnavailable, ""});
  }
}

void SocketTable::RefuseAll(uint64_t& counter) {
  absl::btree_map<SocketNumber, Waiting> all = std::move(waiting_);
  waiting_.clear();
  counter += all.size();
  for (auto& [number, waiting] : all) {
    waiting.answer(Refusal{kServiceUnavailable, ""});
  }
}

}  // namespace aerie::edge
