#ifndef AERIE_COMMON_RPC_STATUS_H_
#define AERIE_COMMON_RPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace aerie::rpc {

// The same code and text, in gRPC's type and back.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_STATUS_H_
