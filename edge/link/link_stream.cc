#include "edge/link/link_stream.h"

#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "common/rpc/status.h"

namespace aerie::edge {
namespace {

// Why this side ended a call.
absl::Status Cancelled(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return absl::Status(code, "the broker does not read what it is sent");
    case absl::StatusCode::kDeadlineExceeded:
      return absl::Status(code, "no Welcome in time");
    case absl::StatusCode::kFailedPrecondition:
      return absl::Status(code, "no Welcome of a version that we speak");
    default:
      return absl::Status(code, "closed");
  }
}

}  // namespace

LinkStream::LinkStream(std::shared_ptr<void> alive,
                       const rpc::OutboxOptions& options,
                       const rpc::OutboxMetrics& metrics)
    : alive_(std::move(alive)), outbox_(*this, options, metrics) {}

void LinkStream::Start(v1::EdgeLink::Stub& stub, v1::EdgeFrame hello,
                       std::shared_ptr<Listener> listener) {
  self_ = shared_from_this();
  listener_ = std::move(listener);
  // The channel reconnects at its own pace; the call waits for it.
  context_.set_wait_for_ready(true);
  stub.async()->Link(&context_, this);
  // One for writes, until the outbox is closed, and one for reads, until one
  // fails: both are also started outside of reactions.
  AddMultipleHolds(2);
  outbox_.Send(std::move(hello));
  Read();
  StartCall();
}

void LinkStream::Read() {
  reading_ = std::make_shared<v1::BrokerBatch>();
  StartRead(reading_.get());
}

void LinkStream::OnReadDone(bool ok) {
  if (!ok) {
    outbox_.Close();
    return RemoveHold();
  }
  if (listener_->Received(std::move(reading_))) Read();
}

void LinkStream::Cancel(absl::StatusCode code) {
  absl::StatusCode none = absl::StatusCode::kOk;
  cancelled_.compare_exchange_strong(none, code);
  outbox_.Close();
  context_.TryCancel();
}

void LinkStream::Wait(absl::Duration gap) {
  // The alarm keeps its function for as long as it lives: no strong reference.
  gap_.Set(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(gap),
           [weak = weak_from_this()](bool) {
             if (const auto self = weak.lock()) self->outbox_.OnWaited();
           });
}

void LinkStream::Closed() {
  StartWritesDone();
  RemoveHold();
}

void LinkStream::OnDone(const grpc::Status& status) {
  const absl::StatusCode reason = cancelled_;
  const absl::Status ended = reason == absl::StatusCode::kOk
                                 ? rpc::FromGrpc(status)
                                 : Cancelled(reason);
  const std::shared_ptr<Listener> listener = std::move(listener_);
  const std::shared_ptr<LinkStream> self = std::move(self_);
  listener->Ended(ended);
}

}  // namespace aerie::edge
