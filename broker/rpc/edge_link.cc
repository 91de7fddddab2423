#include "broker/rpc/edge_link.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/auth/scope.h"
#include "common/build_info.h"
#include "common/log.h"
#include "common/rpc/status.h"
#include "proto/aerie/v1/link_version.h"

namespace aerie::broker {
namespace {

constexpr size_t kEdgeNameBytesMax = 128;
// From the call to Hello.
constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
// For the write in flight, so that the edge hears the reason. Then: cancelled.
constexpr absl::Duration kEndTimeout = absl::Seconds(1);

// So that the edge begins before a very long turn has ended.
constexpr size_t kGatheredMax = 256;

// They are for programs: a log has the message.
constexpr auto kNoDetails = absl::StatusToStringMode::kWithNoExtraData;

auto Deadline(absl::Duration delay) {
  return std::chrono::system_clock::now() + absl::ToChronoMicroseconds(delay);
}

rpc::OutboxMetrics OutboxMetricsOf(Metrics& metrics) {
  return {&metrics.link_outbox_bytes, &metrics.link_frames_out,
          &metrics.link_frames_dropped, &metrics.link_overflows,
          &metrics.link_frames_per_write};
}

}  // namespace

EdgeLink::EdgeLink(v1::EdgeLink::AsyncService& service,
                   const LinkContext& context, EdgeLinks& links,
                   const Authorizer& authorizer, std::string broker)
    : service_(service),
      links_(links),
      authorizer_(authorizer),
      metrics_(context.metrics),
      clock_(context.clock),
      broker_(std::move(broker)),
      outbox_(*this, {.bytes_max = context.limits.link_outbox_bytes_max},
              OutboxMetricsOf(context.metrics)),
      gathered_(context.shards.count()),
      sockets_(context) {}

EdgeLink::~EdgeLink() = default;

void EdgeLink::Request(grpc::ServerCompletionQueue& queue, void* tag) {
  service_.RequestLink(&context(), &stream(), &queue, &queue, tag);
}

// Begins with the edge's Hello, if it may be an edge.
void EdgeLink::OnAccepted() {
  sockets_.Start(shared_from_this(), [weak = weak_from_this()](
                                         LinkSockets::Turn turn) {
    const std::shared_ptr<EdgeLink> self = weak.lock();
    if (self == nullptr) return;
    self->strand_.Post([self, turn = std::move(turn)]() mutable { turn(); });
  });
  absl::Status allowed = authorizer_.Check(context(), Scope::kEdge);
  if (!allowed.ok()) return End(std::move(allowed), [] {});
  After(kHelloTimeout, &EdgeLink::HelloLate);
  StartRead(&reading_);
}

void EdgeLink::Send(v1::BrokerFrame frame) {
  Loop* const loop = Loop::Current();
  if (loop == nullptr) return outbox_.Send(std::move(frame));
  std::vector<v1::BrokerFrame>& gathered = gathered_[loop->number()];
  if (gathered.empty()) {
    loop->AtTurnEnd([self = shared_from_this()] {
      self->SendGathered(self->gathered_[Loop::Current()->number()]);
    });
  }
  gathered.push_back(std::move(frame));
  if (gathered.size() >= kGatheredMax) SendGathered(gathered);
}

void EdgeLink::SendGathered(std::vector<v1::BrokerFrame>& gathered) {
  outbox_.Send(gathered);
  // An idle edge's links keep no memory of a burst.
  if (gathered.capacity() > kGatheredMax) gathered.shrink_to_fit();
}

void EdgeLink::OnReadDone(bool ok) {
  strand_.Post([self = shared_from_this(), ok] {
    ok ? self->Received() : self->DoEnd(absl::OkStatus());
  });
}

void EdgeLink::Received() {
  absl::Status status;
  switch (state_) {
    case State::kHello:
      status = Hello();
      break;  // Read on after Welcome.
    case State::kUp:
      status = sockets_.In(reading_);
      reading_.Clear();
      if (status.ok()) StartRead(&reading_);
      break;
    case State::kAdmission:
    case State::kEnding:
      break;
  }
  if (!status.ok()) DoEnd(status);
}

absl::Status EdgeLink::Hello() {
  alarm_ = nullptr;
  if (reading_.frames_size() != 1 || !reading_.frames(0).has_hello()) {
    return absl::InvalidArgumentError("the first message is not one Hello");
  }
  const v1::Hello& hello = reading_.frames(0).hello();
  if (hello.major() != v1::kLinkMajor) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this broker speaks version ", v1::kLinkMajor, ".", v1::kLinkMinor,
        " of EdgeLink, the edge ", hello.major(), ".", hello.minor()));
  }
  if (hello.edge().empty() || hello.edge().size() > kEdgeNameBytesMax ||
      hello.epoch() == 0) {
    return absl::InvalidArgumentError(
        "Hello without a name of at most 128 bytes, or without an epoch");
  }
  hello_ = hello;
  reading_.Clear();
  state_ = State::kAdmission;
  links_.Admit(shared_from_this(), hello_.edge(), hello_.epoch());
  return absl::OkStatus();
}

void EdgeLink::Welcome() {
  strand_.Post([self = shared_from_this()] {
    if (self->state_ != State::kAdmission) return;
    self->state_ = State::kUp;
    self->up_since_ms_ = self->clock_.NowMs();
    self->metrics_.links.Increment();
    self->metrics_.links_opened.Increment();
    log::Info("edge link up", {{"edge", self->hello_.edge()},
                               {"epoch", self->hello_.epoch()},
                               {"version", self->hello_.version()},
                               {"peer", self->context().peer()}});
    v1::BrokerFrame frame;
    v1::Welcome& welcome = *frame.mutable_welcome();
    welcome.set_major(v1::kLinkMajor);
    welcome.set_minor(v1::kLinkMinor);
    welcome.set_broker(self->broker_);
    welcome.set_version(std::string(Version().data(), Version().size()));
    self->Send(std::move(frame));
    self->StartRead(&self->reading_);
  });
}

void EdgeLink::Drain(std::shared_ptr<const void> told) {
  strand_.Post([self = shared_from_this(), told = std::move(told)] {
    if (self->state_ != State::kUp) {
      return self->DoEnd(absl::UnavailableError("the broker is draining"));
    }
    self->sockets_.Drain();
    v1::BrokerFrame frame;
    frame.mutable_drain();
    self->Send(std::move(frame));
  });
}

void EdgeLink::Look(absl::AnyInvocable<void(absl::optional<EdgeView>)> to) {
  strand_.Post([self = shared_from_this(), to = std::move(to)]() mutable {
    if (self->state_ != State::kUp) return to(absl::nullopt);
    to(EdgeView{.name = self->hello_.edge(),
                .version = self->hello_.version(),
                .linked_for_ms = self->clock_.NowMs() - self->up_since_ms_,
                .sockets = self->sockets_.size(),
                .queued_bytes = self->outbox_.queued_bytes()});
  });
}

void EdgeLink::Sockets(uint64_t after, size_t max,
                       absl::AnyInvocable<void(std::vector<SocketPtr>)> to) {
  strand_.Post(
      [self = shared_from_this(), after, max, to = std::move(to)]() mutable {
        to(self->sockets_.List(after, max));
      });
}

void EdgeLink::Find(uint64_t number, absl::AnyInvocable<void(SocketPtr)> to) {
  strand_.Post(
      [self = shared_from_this(), number, to = std::move(to)]() mutable {
        to(self->sockets_.Find(number));
      });
}

void EdgeLink::End(absl::Status reason, absl::AnyInvocable<void()> then) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason),
                then = std::move(then)]() mutable {
    self->DoEnd(reason);
    then();
  });
}

// An end has one reason: the first.
void EdgeLink::DoEnd(const absl::Status& reason) {
  if (state_ == State::kEnding) return;
  was_up_ = state_ == State::kUp;
  sockets_lost_ = sockets_.size();
  was_up_ ? metrics_.links.Decrement() : metrics_.links_refused.Increment();
  if (!hello_.edge().empty()) links_.Remove(shared_from_this(), hello_.edge());
  state_ = State::kEnding;
  reason_ = reason;
  sockets_.End();
  After(kEndTimeout, &EdgeLink::EndLate);
  outbox_.Close();
}

void EdgeLink::LogEnd() const {
  const std::string text = !reason_.ok() ? reason_.ToString(kNoDetails)
                           : context().IsCancelled() ? "connection lost"
                                                     : "closed by the edge";
  if (was_up_) {
    log::Info("edge link lost", {{"edge", hello_.edge()},
                                 {"epoch", hello_.epoch()},
                                 {"sockets", sockets_lost_},
                                 {"reason", text}});
    return;
  }
  log::Warning(
      "edge link refused",
      {{"edge", hello_.edge()}, {"peer", context().peer()}, {"reason", text}});
}

void EdgeLink::Overflowed() {
  End(absl::ResourceExhaustedError("the edge does not read what it is sent"),
      [] {});
}

// Nothing is written any more: gRPC may have its Finish.
void EdgeLink::Closed() {
  strand_.Post([self = shared_from_this()] {
    self->DoEnd(absl::UnavailableError("the edge cannot be written to"));
    if (std::exchange(self->finished_, true)) return;
    self->alarm_ = nullptr;
    self->Finish(rpc::ToGrpc(self->reason_));
  });
}

void EdgeLink::OnCancel() {
  End(absl::CancelledError("connection lost"), [] {});
}

void EdgeLink::After(absl::Duration delay, void (EdgeLink::*turn)()) {
  // Destroying the alarm before it cancels it.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(Deadline(delay), [weak = weak_from_this(), turn](bool due) {
    const std::shared_ptr<EdgeLink> self = weak.lock();
    if (!due || self == nullptr) return;
    self->strand_.Post([self, turn] { ((*self).*turn)(); });
  });
}

void EdgeLink::HelloLate() {
  if (state_ != State::kHello) return;
  DoEnd(absl::DeadlineExceededError("no Hello in time"));
}

void EdgeLink::EndLate() {
  if (!finished_) context().TryCancel();
}

EdgeLinkService::EdgeLinkService(const LinkContext& context,
                                 const Authorizer& authorizer,
                                 std::string broker)
    : context_(context), authorizer_(authorizer), broker_(std::move(broker)) {}

void EdgeLinkService::Serve(rpc::ServerQueues& queues) {
  queues.Serve([this] {
    return std::make_shared<EdgeLink>(service_, context_, links_, authorizer_,
                                      broker_);
  });
}

}  // namespace aerie::broker
