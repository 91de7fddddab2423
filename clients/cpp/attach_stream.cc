#include "clients/cpp/attach_stream.h"

#include <utility>

#include "common/rpc/status.h"

namespace aerie::client {
namespace {

// Why this side ended a call.
absl::Status Cancelled(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return absl::Status(code, "the broker does not read what it is sent");
    case absl::StatusCode::kDeadlineExceeded:
      return absl::Status(code, "no Attached in time");
    case absl::StatusCode::kFailedPrecondition:
      return absl::Status(code, "no Attached of a version that we speak");
    default:
      return absl::Status(code, "closed");
  }
}

}  // namespace

void AttachStream::Start(v1::ChannelHost::Stub& stub,
                         grpc::CompletionQueue& queue,
                         v1::HostFrame registration,
                         std::shared_ptr<Listener> listener) {
  self_ = shared_from_this();
  listener_ = std::move(listener);
  StartCall(stub.PrepareAsyncAttach(&context(), &queue));
  outbox_.Send(std::move(registration));
  StartRead(&reading_);
}

void AttachStream::OnReadDone(bool ok) {
  if (!ok) {
    outbox_.Close();
    return ReadsOver();
  }
  listener_->Received(std::exchange(reading_, {}));
  StartRead(&reading_);
}

void AttachStream::Cancel(absl::StatusCode code) {
  absl::StatusCode none = absl::StatusCode::kOk;
  cancelled_.compare_exchange_strong(none, code);
  outbox_.Close();
  context().TryCancel();
}

void AttachStream::Closed() {
  StartWritesDone();
  WritesOver();
}

void AttachStream::OnDone(const grpc::Status& status) {
  const absl::StatusCode reason = cancelled_;
  const absl::Status ended = reason == absl::StatusCode::kOk
                                 ? rpc::FromGrpc(status)
                                 : Cancelled(reason);
  const std::shared_ptr<Listener> listener = std::move(listener_);
  const std::shared_ptr<AttachStream> self = std::move(self_);
  listener->Ended(ended);
}

}  // namespace aerie::client
