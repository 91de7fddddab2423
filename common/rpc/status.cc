#include "common/rpc/status.h"

#include <string>

namespace aerie::rpc {

// Abseil's codes are gRPC's, number by number.
grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::string_view text = status.message();
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(text.data(), text.size()));
}

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

}  // namespace aerie::rpc
