#ifndef AERIE_BROKER_RPC_UNARY_CALL_H_
#define AERIE_BROKER_RPC_UNARY_CALL_H_

#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "broker/auth/scope.h"
#include "broker/control/control.h"
#include "broker/metrics.h"
#include "broker/rpc/control_calls.h"
#include "common/rpc/server_call.h"
#include "common/rpc/status.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/status.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::broker {

// A method of Control with one request and one response: how its calls are
// taken, as what they are counted, whom they are open to, and who does them.
template <typename In, typename Out>
struct UnaryMethod {
  void (v1::Control::AsyncService::*request)(
      grpc::ServerContext*, In*, grpc::ServerAsyncResponseWriter<Out>*,
      grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void* tag);
  ControlMethod name;
  // Any one will do.
  absl::InlinedVector<Scope, 2> scopes;
  void (Control::*act)(const In&, Control::Answer<Out>);
};

// One call of such a method.
template <typename In, typename Out>
class UnaryCall final
    : public rpc::ServerUnary<Out>,
      public std::enable_shared_from_this<UnaryCall<In, Out>> {
 public:
  UnaryCall(v1::Control::AsyncService& service, UnaryMethod<In, Out> method,
            Control& control, ControlCalls& calls)
      : service_(service),
        method_(std::move(method)),
        control_(control),
        calls_(calls) {}

 private:
  // Of rpc::ServerCall.
  void Request(grpc::ServerCompletionQueue& queue, void* tag) override {
    (service_.*method_.request)(&this->context(), &request_, &this->responder(),
                                &queue, &queue, tag);
  }

  void OnAccepted() override {
    const grpc::Status begun =
        calls_.Begin(this->context(), method_.name, method_.scopes);
    if (!begun.ok()) return this->Finish({}, begun);
    if (Late()) return End(absl::CancelledError("cancelled"));
    (control_.*method_.act)(request_, [self = this->shared_from_this()](
                                          absl::StatusOr<Out> answer) {
      self->End(std::move(answer));
    });
  }

  // What is late already is not begun. gRPC ends a call for its client when the
  // deadline is over; the answer that comes then is for nobody.
  bool Late() const {
    return this->context().IsCancelled() ||
           absl::FromChrono(this->context().deadline()) <= absl::Now();
  }

  void End(const absl::StatusOr<Out>& answer) {
    const grpc::Status status = rpc::ToGrpc(answer.status());
    calls_.End(method_.name, status);
    this->Finish(answer.ok() ? *answer : Out(), status);
  }

  v1::Control::AsyncService& service_;
  const UnaryMethod<In, Out> method_;
  Control& control_;
  ControlCalls& calls_;
  In request_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_UNARY_CALL_H_
