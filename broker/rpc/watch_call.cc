#include "broker/rpc/watch_call.h"

#include <utility>

#include "absl/time/time.h"
#include "broker/auth/scope.h"
#include "broker/control/rules.h"
#include "common/rpc/status.h"
#include "google/protobuf/util/time_util.h"

namespace aerie::broker {
namespace {

using Event = Watcher::Event;

Event NewEvent(Event::Kind kind, const Clock& clock) {
  Event event;
  event.set_kind(kind);
  *event.mutable_time() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
          absl::ToUnixMillis(clock.Now()));
  return event;
}

absl::Status ConnectionLost() {
  return absl::CancelledError("connection lost");
}

}  // namespace

WatchCall::WatchCall(v1::Control::AsyncService& service, ControlCalls& calls,
                     Watchers& watchers, OpenCalls& open, const Limits& limits,
                     Metrics& metrics, const Clock& clock)
    : service_(service),
      calls_(calls),
      watchers_(watchers),
      open_(open),
      clock_(clock),
      outbox_(*this, {.bytes_max = limits.watch_queue_bytes_max},
              {.bytes = &metrics.watch_queue_bytes,
               .lost_frames = &metrics.watch_events_lost},
              [&clock](uint64_t lost) {
                Event event = NewEvent(Event::KIND_LOST, clock);
                event.set_lost(lost);
                return event;
              }) {}

void WatchCall::Request(grpc::ServerCompletionQueue& queue, void* tag) {
  service_.RequestWatch(&context(), &request(), &writer(), &queue, &queue, tag);
}

// The word that it watches leaves when that is true, and before all else.
void WatchCall::OnAccepted() {
  const grpc::Status begun = MayBegin();
  if (!begun.ok()) {
    refused_ = true;
    return Finish(begun);
  }
  outbox_.Send(NewEvent(Event::KIND_WATCHING, clock_));
  watchers_.Add(shared_from_this(),
                [self = shared_from_this()] { self->Begin(); });
  open_.Add(shared_from_this());
}

grpc::Status WatchCall::MayBegin() {
  grpc::Status begun =
      calls_.Begin(context(), ControlMethod::kWatch, {Scope::kRead});
  const absl::Status checked = Check(request());
  if (!begun.ok() || checked.ok()) return begun;
  grpc::Status wrong = rpc::ToGrpc(checked);
  calls_.End(ControlMethod::kWatch, wrong);
  return wrong;
}

void WatchCall::Begin() {
  begun_ = true;
  StartWrite(std::exchange(first_, nullptr));
}

void WatchCall::Write(const v1::WatchResponse& batch) {
  begun_ ? StartWrite(&batch) : void(first_ = &batch);
}

void WatchCall::OnCancel() {
  strand_.Post([self = shared_from_this()] { self->Lost(); });
}

void WatchCall::End(absl::Status reason) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason)] {
    self->DoEnd(reason);
  });
}

// An end has one reason: the first, unless nobody is there to hear it.
void WatchCall::DoEnd(const absl::Status& reason) {
  if (std::exchange(ending_, true)) return;
  reason_ = reason;
  watchers_.Remove(shared_from_this());
  open_.Remove(shared_from_this());
  outbox_.Finish();
}

void WatchCall::Lost() {
  if (refused_) return;
  DoEnd(ConnectionLost());
  reason_ = ConnectionLost();
  outbox_.Close();
}

// Nothing is written any more: gRPC may have its Finish.
void WatchCall::Closed() {
  strand_.Post([self = shared_from_this()] {
    self->DoEnd(ConnectionLost());
    const grpc::Status status = rpc::ToGrpc(self->reason_);
    self->calls_.End(ControlMethod::kWatch, status);
    self->Finish(status);
  });
}

}  // namespace aerie::broker
