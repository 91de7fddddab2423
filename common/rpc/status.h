#ifndef AERIE_COMMON_RPC_STATUS_H_
#define AERIE_COMMON_RPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"
#include "proto/google/rpc/status.pb.h"

namespace aerie::rpc {

// Adds a message of google.rpc (BadRequest, ErrorInfo) to an error: clients get
// it with the status.
void AddDetail(absl::Status* status, const google::protobuf::Message& detail);

// The error with a reason for programs to tell it by: an ErrorInfo of the
// domain `aerie`.
absl::Status WithReason(absl::Status status, absl::string_view reason);

// The same code, text and details, in gRPC's type.
grpc::Status ToGrpc(const absl::Status& status);
// The same code and text.
absl::Status FromGrpc(const grpc::Status& status);

// The same, inside of an answer.
google::rpc::Status ToProto(const absl::Status& status);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_STATUS_H_
