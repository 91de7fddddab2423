#include "broker/rpc/watch_call.h"

#include <utility>

#include "common/rpc/status.h"

namespace aerie::broker {

WatchCall::WatchCall(ControlCalls& calls, Watchers& watchers, OpenCalls& open)
    : calls_(calls), watchers_(watchers), open_(open) {}

void WatchCall::Start(const v1::WatchRequest& request, const Limits& limits) {
  self_ = shared_from_this();
  watcher_ = std::make_shared<Watcher>(
      request, limits.watch_queue_bytes_max, [weak = weak_from_this()] {
        const std::shared_ptr<WatchCall> self = weak.lock();
        if (self != nullptr) self->strand_.Post([self] { self->Pump(); });
      });
  // Calls are counted, so there is room.
  if (!watchers_.Add(watcher_)) {
    return End(absl::ResourceExhaustedError("too many who watch"));
  }
  open_.Add(shared_from_this());
  strand_.Post([self = shared_from_this()] { self->Pump(); });
}

void WatchCall::Pump() {
  if (write_under_way_ || ending_) return;
  if (!watcher_->Take(&writing_)) return;
  write_under_way_ = true;
  StartWrite(&writing_);
}

void WatchCall::OnWriteDone(bool ok) {
  strand_.Post([self = shared_from_this(), ok] {
    self->write_under_way_ = false;
    if (!ok) self->Lost();
    self->ending_ ? self->FinishIfIdle() : self->Pump();
  });
}

void WatchCall::OnCancel() {
  strand_.Post([self = shared_from_this()] { self->Lost(); });
}

// Nobody hears anything any more, whatever the end was to be.
void WatchCall::Lost() {
  const absl::Status lost = absl::CancelledError("connection lost");
  if (!ending_) return DoEnd(lost);
  reason_ = lost;
  FinishIfIdle();
}

void WatchCall::End(absl::Status reason) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason)] {
    self->DoEnd(reason);
  });
}

// An end has one reason: the first.
void WatchCall::DoEnd(const absl::Status& reason) {
  if (ending_) return;
  ending_ = true;
  reason_ = reason;
  watchers_.Remove(watcher_);
  open_.Remove(shared_from_this());
  FinishIfIdle();
}

// What has happened before the end is told, to who is there to hear it.
void WatchCall::FinishIfIdle() {
  if (write_under_way_ || finished_) return;
  if (!absl::IsCancelled(reason_) && watcher_->Take(&writing_)) {
    write_under_way_ = true;
    return StartWrite(&writing_);
  }
  finished_ = true;
  const grpc::Status status = rpc::ToGrpc(reason_);
  calls_.End(ControlMethod::kWatch, status);
  Finish(status);
}

void WatchCall::OnDone() {
  const std::shared_ptr<WatchCall> self = std::move(self_);
}

}  // namespace aerie::broker
