#include "edge/link/link_stream.h"

#include <utility>

#include "common/rpc/client_credentials.h"
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

void LinkStream::Start(v1::EdgeLink::Stub& stub, grpc::CompletionQueue& queue,
                       const std::string& token, v1::EdgeFrame hello,
                       std::shared_ptr<Listener> listener) {
  self_ = shared_from_this();
  listener_ = std::move(listener);
  rpc::ShowToken(token, context());
  // The channel reconnects at its own pace; the call waits for it.
  context().set_wait_for_ready(true);
  StartCall(stub.PrepareAsyncLink(&context(), &queue));
  outbox_.Send(std::move(hello));
  Read();
}

void LinkStream::Read() {
  reading_ = std::make_shared<v1::BrokerBatch>();
  StartRead(reading_.get());
}

void LinkStream::OnReadDone(bool ok) {
  if (!ok) {
    outbox_.Close();
    return ReadsOver();
  }
  if (listener_->Received(std::move(reading_))) Read();
}

void LinkStream::Cancel(absl::StatusCode code) {
  absl::StatusCode none = absl::StatusCode::kOk;
  cancelled_.compare_exchange_strong(none, code);
  outbox_.Close();
  context().TryCancel();
}

void LinkStream::Closed() {
  StartWritesDone();
  WritesOver();
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
