#include "broker/rpc/health_watch.h"

#include <utility>

#include "common/rpc/status.h"

namespace aerie::broker {

void HealthWatch::Request(grpc::ServerCompletionQueue& queue, void* tag) {
  async_.RequestWatch(&context(), &request_, &writer(), &queue, &queue, tag);
}

void HealthWatch::OnAccepted() { health_.Add(shared_from_this()); }

void HealthWatch::Look() {
  strand_.Post([self = shared_from_this()] { self->Pump(); });
}

void HealthWatch::OnWriteDone(bool /*ok*/) {
  strand_.Post([self = shared_from_this()] {
    self->write_under_way_ = false;
    self->Pump();
  });
}

void HealthWatch::OnCancel() { End(absl::CancelledError("connection lost")); }

void HealthWatch::End(absl::Status reason) {
  strand_.Post([self = shared_from_this(), reason = std::move(reason)] {
    if (!self->end_.has_value()) self->end_ = reason;
    self->health_.Remove(self);
    self->Pump();
  });
}

void HealthWatch::Pump() {
  if (write_under_way_ || finished_) return;
  if (end_.has_value()) {
    finished_ = true;
    return Finish(rpc::ToGrpc(*end_));
  }
  const HealthService::Status status = health_.Of(request_.service());
  if (sent_ == status) return;
  sent_ = status;
  writing_.set_status(status);
  write_under_way_ = true;
  StartWrite(&writing_);
}

}  // namespace aerie::broker
