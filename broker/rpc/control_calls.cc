#include "broker/rpc/control_calls.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/status.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::broker {
namespace {

ControlError ErrorOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ControlError::kInvalidArgument;
    case grpc::StatusCode::NOT_FOUND:
      return ControlError::kNotFound;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ControlError::kFailedPrecondition;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ControlError::kResourceExhausted;
    case grpc::StatusCode::UNAVAILABLE:
      return ControlError::kUnavailable;
    case grpc::StatusCode::UNAUTHENTICATED:
      return ControlError::kUnauthenticated;
    case grpc::StatusCode::PERMISSION_DENIED:
      return ControlError::kPermissionDenied;
    default:
      return ControlError::kOther;
  }
}

absl::Status TooManyCalls(uint32_t max) {
  absl::Status status =
      rpc::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                          "there are ", max, " calls of this kind already")),
                      "TOO_MANY_CALLS");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  rpc::AddDetail(&status, retry);
  return status;
}

}  // namespace

absl::Status BrokerIsDraining() {
  return rpc::WithReason(absl::UnavailableError("the broker is draining"),
                         "DRAINING");
}

grpc::Status ControlCalls::Begin(const grpc::ServerContextBase& call,
                                 ControlMethod method,
                                 absl::Span<const Scope> scopes) {
  metrics_.control_calls[static_cast<int>(method)]->Increment();
  const absl::Status allowed = authorizer_.Check(call, scopes);
  if (!allowed.ok()) return Count(rpc::ToGrpc(allowed));
  if (draining_) return Count(rpc::ToGrpc(BrokerIsDraining()));
  const uint32_t max = MaxOf(method);
  std::atomic<uint32_t>& count = CountOf(method);
  if (++count > max) {
    --count;
    return Count(rpc::ToGrpc(TooManyCalls(max)));
  }
  if (&count == &unary_) metrics_.control_calls_in_flight.Increment();
  if (&count == &broadcast_streams_) metrics_.broadcast_streams.Increment();
  return grpc::Status::OK;
}

void ControlCalls::End(ControlMethod method, const grpc::Status& status) {
  std::atomic<uint32_t>& count = CountOf(method);
  --count;
  if (&count == &unary_) metrics_.control_calls_in_flight.Decrement();
  if (&count == &broadcast_streams_) metrics_.broadcast_streams.Decrement();
  (void)Count(status);
}

grpc::Status ControlCalls::Count(const grpc::Status& status) {
  if (!status.ok()) {
    const ControlError error = ErrorOf(status.error_code());
    metrics_.control_errors[static_cast<int>(error)]->Increment();
  }
  return status;
}

uint32_t ControlCalls::MaxOf(ControlMethod method) const {
  switch (method) {
    case ControlMethod::kBroadcastStream:
      return limits_.broadcast_streams_max;
    case ControlMethod::kWatch:
      return limits_.watchers_max;
    default:
      return limits_.control_calls_max;
  }
}

std::atomic<uint32_t>& ControlCalls::CountOf(ControlMethod method) {
  switch (method) {
    case ControlMethod::kBroadcastStream:
      return broadcast_streams_;
    case ControlMethod::kWatch:
      return watches_;
    default:
      return unary_;
  }
}

}  // namespace aerie::broker
