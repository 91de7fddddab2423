#include "broker/rpc/host_link.h"

#include <chrono>
#include <utility>

#include "absl/status/statusor.h"
#include "broker/auth/scope.h"
#include "broker/hosts/attached/host_rules.h"
#include "broker/shard/loop.h"
#include "common/log.h"
#include "common/rpc/status.h"

namespace aerie::broker {
namespace {

// From the call to Registration.
constexpr absl::Duration kRegistrationTimeout = absl::Seconds(10);
// For the write in flight, so that the host hears the reason. Then: cancelled.
constexpr absl::Duration kEndTimeout = absl::Seconds(1);

// So that the host begins before a very long turn has ended.
constexpr size_t kGatheredMax = 256;

auto Deadline(absl::Duration delay) {
  return std::chrono::system_clock::now() + absl::ToChronoMicroseconds(delay);
}

rpc::OutboxMetrics OutboxMetricsOf(Metrics& metrics) {
  return {&metrics.host_outbox_bytes, &metrics.host_frames_out,
          &metrics.host_frames_dropped, &metrics.host_overflows,
          &metrics.host_frames_per_write};
}

}  // namespace

HostLink::HostLink(v1::ChannelHost::AsyncService& service, AttachedHosts& hosts,
                   const Authorizer& authorizer, const Limits& limits,
                   Metrics& metrics)
    : service_(service),
      hosts_(hosts),
      authorizer_(authorizer),
      limits_(limits),
      metrics_(metrics),
      outbox_(*this, {.bytes_max = limits.host_outbox_bytes_max},
              OutboxMetricsOf(metrics)),
      gathered_(hosts.loops()) {}

HostLink::~HostLink() = default;

void HostLink::Request(grpc::ServerCompletionQueue& queue, void* tag) {
  service_.RequestAttach(&context(), &stream(), &queue, &queue, tag);
}

// Begins with the host's Registration, if it may be a host.
void HostLink::OnAccepted() {
  absl::Status allowed = authorizer_.Check(context(), Scope::kHost);
  if (!allowed.ok()) return End(std::move(allowed));
  After(kRegistrationTimeout, &HostLink::RegistrationLate);
  StartRead(&reading_);
}

void HostLink::Send(v1::ChannelFrame frame) {
  Loop* const loop = Loop::Current();
  if (loop == nullptr) return outbox_.Send(std::move(frame));
  std::vector<v1::ChannelFrame>& gathered = gathered_[loop->number()];
  if (gathered.empty()) {
    loop->AtTurnEnd([self = shared_from_this()] {
      self->SendGathered(self->gathered_[Loop::Current()->number()]);
    });
  }
  gathered.push_back(std::move(frame));
  if (gathered.size() >= kGatheredMax) SendGathered(gathered);
}

void HostLink::SendGathered(std::vector<v1::ChannelFrame>& gathered) {
  outbox_.Send(gathered);
  if (gathered.capacity() > kGatheredMax) gathered.shrink_to_fit();
}

void HostLink::OnReadDone(bool ok) {
  strand_.Post([self = shared_from_this(), ok] {
    ok ? self->Received() : self->DoEnd(absl::OkStatus());
  });
}

void HostLink::Received() {
  absl::Status status;
  switch (state_) {
    case State::kRegistration:
      status = Registration();
      break;  // Read on when it is attached.
    case State::kUp:
      status = hosts_.Answer(host_, reading_);
      reading_.Clear();
      if (status.ok()) ReadOn();
      break;
    case State::kAttaching:
    case State::kEnding:
      break;
  }
  if (!status.ok()) DoEnd(status);
}

absl::Status HostLink::Registration() {
  alarm_ = nullptr;
  if (reading_.frames_size() != 1 || !reading_.frames(0).has_registration()) {
    return absl::InvalidArgumentError(
        "the first message is not one Registration");
  }
  absl::StatusOr<HostRecord> record =
      CheckRegistration(reading_.frames(0).registration(), limits_);
  if (!record.ok()) return record.status();
  reading_.Clear();
  state_ = State::kAttaching;
  host_ = hosts_.Attach(*std::move(record), shared_from_this());
  return absl::OkStatus();
}

// What the shards have yet to take is bounded: beyond that, Resume follows.
void HostLink::ReadOn() {
  if (hosts_.MayRead(*host_)) StartRead(&reading_);
}

void HostLink::Attached() {
  strand_.Post([self = shared_from_this()] {
    if (self->state_ != State::kAttaching) return;
    self->state_ = State::kUp;
    const HostRecord& record = self->host_->record();
    log::Info("host attached", {{"host", record.name},
                                {"instance", record.instance},
                                {"version", record.version},
                                {"patterns", record.patterns.size()},
                                {"capacity", record.capacity},
                                {"peer", self->context().peer()}});
    self->StartRead(&self->reading_);
  });
}

void HostLink::Resume() {
  strand_.Post([self = shared_from_this()] {
    if (self->state_ == State::kUp) self->ReadOn();
  });
}

void HostLink::End(absl::Status reason) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason)] {
    self->DoEnd(reason);
  });
}

// An end has one reason: the first.
void HostLink::DoEnd(const absl::Status& reason) {
  if (state_ == State::kEnding) return;
  was_up_ = state_ == State::kUp;
  if (host_ != nullptr) {
    record_ = host_->record();
    channels_lost_ = host_->channels();
    hosts_.Detach(host_);
  }
  host_ = nullptr;
  state_ = State::kEnding;
  reason_ = reason;
  After(kEndTimeout, &HostLink::EndLate);
  outbox_.Close();
}

HostEnd HostLink::Cause() const {
  if (!was_up_) return HostEnd::kRefused;
  switch (reason_.code()) {
    case absl::StatusCode::kOk:
      return context().IsCancelled() ? HostEnd::kLost : HostEnd::kClosed;
    case absl::StatusCode::kDeadlineExceeded:
      return HostEnd::kHung;
    case absl::StatusCode::kInvalidArgument:
      return HostEnd::kContract;
    case absl::StatusCode::kResourceExhausted:
      return HostEnd::kOverflow;
    case absl::StatusCode::kAborted:
      return HostEnd::kReplaced;
    default:
      return HostEnd::kLost;
  }
}

void HostLink::LogEnd() const {
  const std::string text = !reason_.ok()             ? reason_.ToString()
                           : context().IsCancelled() ? "connection lost"
                                                     : "closed by the host";
  if (!was_up_) {
    log::Warning(
        "host refused",
        {{"host", record_.name}, {"peer", context().peer()}, {"reason", text}});
    return;
  }
  log::Info("host lost", {{"host", record_.name},
                          {"instance", record_.instance},
                          {"channels", channels_lost_},
                          {"reason", text}});
}

void HostLink::Overflowed() {
  End(absl::ResourceExhaustedError("the host does not read what it is sent"));
}

// Nothing is written any more: gRPC may have its Finish.
void HostLink::Closed() {
  strand_.Post([self = shared_from_this()] {
    self->DoEnd(absl::UnavailableError("the host cannot be written to"));
    if (std::exchange(self->finished_, true)) return;
    self->alarm_ = nullptr;
    self->Finish(rpc::ToGrpc(self->reason_));
  });
}

void HostLink::OnCancel() { End(absl::CancelledError("connection lost")); }

void HostLink::OnDone() {
  metrics_.host_ends[static_cast<int>(Cause())]->Increment();
  LogEnd();
}

void HostLink::After(absl::Duration delay, void (HostLink::*turn)()) {
  // Destroying the alarm before it cancels it.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(Deadline(delay), [weak = weak_from_this(), turn](bool due) {
    const std::shared_ptr<HostLink> self = weak.lock();
    if (!due || self == nullptr) return;
    self->strand_.Post([self, turn] { ((*self).*turn)(); });
  });
}

void HostLink::RegistrationLate() {
  if (state_ != State::kRegistration) return;
  DoEnd(absl::DeadlineExceededError("no Registration in time"));
}

void HostLink::EndLate() {
  if (!finished_) context().TryCancel();
}

void ChannelHostService::Serve(rpc::ServerQueues& queues) {
  queues.Serve([this] {
    return std::make_shared<HostLink>(service_, hosts_, authorizer_, limits_,
                                      metrics_);
  });
}

}  // namespace aerie::broker
