#ifndef AERIE_BROKER_RPC_REFUSED_CALL_H_
#define AERIE_BROKER_RPC_REFUSED_CALL_H_

#include "grpcpp/support/status.h"

namespace aerie::broker {

// A streaming call that ends as soon as it begins. Destroys itself.
template <typename Reactor>
class RefusedCall final : public Reactor {
 public:
  explicit RefusedCall(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_REFUSED_CALL_H_
