#include "broker/hosts/attached/host_connects.h"

#include <utility>

#include "common/log.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kForbidden = 403;
constexpr uint32_t kUnavailable = 503;

void Copy(const google::protobuf::RepeatedPtrField<v1::Field>& from,
          google::protobuf::RepeatedPtrField<v1::NameValue>* to) {
  for (const v1::Field& field : from) {
    v1::NameValue& out = *to->Add();
    out.set_name(field.name());
    out.set_value(field.value());
  }
}

v1::ChannelFrame ConnectFrame(uint64_t id, const v1::Connect& request) {
  v1::ChannelFrame frame;
  v1::ChannelFrame::Connect& out = *frame.mutable_connect();
  out.set_id(id);
  out.set_mount(request.mount());
  Copy(request.params(), out.mutable_params());
  Copy(request.headers(), out.mutable_headers());
  out.set_peer(request.peer());
  out.set_uri(request.uri());
  if (request.has_token()) out.set_token(request.token());
  return frame;
}

}  // namespace

HostConnects::HostConnects(const Limits& limits, const Clock& clock,
                           Metrics& metrics, Loop& loop, size_t waiter)
    : limits_(limits),
      clock_(clock),
      metrics_(metrics),
      loop_(loop),
      waiter_(waiter) {}

void HostConnects::Use(std::vector<AttachedHostPtr> hosts) {
  loop_.CheckInTurn();
  hosts_ = std::move(hosts);
  Serve();
}

void HostConnects::Ask(const v1::Connect& request, Answer answer) {
  loop_.CheckInTurn();
  if (line_.size() >= limits_.host_connects_waiting_max) {
    metrics_.host_connects_not_taken.Increment();
    return answer(Denial{.status = kUnavailable, .body = {}});
  }
  const uint64_t id = ++ids_;
  Question& question = questions_[id];
  question.frame = ConnectFrame(id, request);
  question.answer = std::move(answer);
  question.timer =
      loop_.After(limits_.host_connect_deadline_ms, [this, id] { Late(id); });
  line_.push_back(id);
  if (line_.size() == 1) Serve();
}

void HostConnects::Serve() {
  loop_.CheckInTurn();
  while (!line_.empty()) {
    const auto found = questions_.find(line_.front());
    if (found != questions_.end() && !TryAsk(found->second)) return;
    line_.pop_front();
  }
}

// In turn, so that the hosts share the work.
bool HostConnects::TryAsk(Question& question) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const AttachedHostPtr& host = hosts_[next_++ % hosts_.size()];
    if (!host->TakeOrWait(HostCallback::kConnect, waiter_)) continue;
    question.host = host.get();
    question.asked_ms = clock_.NowMs();
    host->Send(std::move(question.frame));
    return true;
  }
  return false;
}

void HostConnects::Reply(const AttachedHost& host,
                         v1::HostFrame::ConnectReply reply) {
  loop_.CheckInTurn();
  const auto found = questions_.find(reply.id());
  if (found == questions_.end() || found->second.host != &host) {
    metrics_.host_answers_dropped.Increment();
    return;
  }
  metrics_.host_connect_seconds.Observe(
      static_cast<double>(clock_.NowMs() - found->second.asked_ms) / 1000);
  Answer answer = Take(reply.id());
  if (reply.ok()) {
    Admission admission;
    admission.socket_id = std::move(*reply.mutable_socket_id());
    admission.assigns = std::move(*reply.mutable_assigns());
    return answer(std::move(admission));
  }
  answer(Denial{.status = reply.status() == 0 ? kForbidden : reply.status(),
                .body = std::move(*reply.mutable_reason())});
}

void HostConnects::Lost(const AttachedHost& host) {
  loop_.CheckInTurn();
  std::vector<uint64_t> lost;
  for (const auto& [id, question] : questions_) {
    if (question.host == &host) lost.push_back(id);
  }
  for (const uint64_t id : lost) Refuse(id, metrics_.host_connects_lost);
}

void HostConnects::Late(uint64_t id) {
  questions_.at(id).timer = {};
  log::Warning("connect refused", {{"reason", "no host has decided in time"}});
  Refuse(id, metrics_.host_connects_late);
}

void HostConnects::Refuse(uint64_t id, Counter& counter) {
  counter.Increment();
  Take(id)(Denial{.status = kUnavailable, .body = {}});
}

HostConnects::Answer HostConnects::Take(uint64_t id) {
  const auto found = questions_.find(id);
  Answer answer = std::move(found->second.answer);
  if (found->second.timer != Loop::Timer()) loop_.Cancel(found->second.timer);
  questions_.erase(found);
  return answer;
}

}  // namespace aerie::broker
