#include "common/rpc/status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::rpc {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

}  // namespace

void AddDetail(absl::Status* status, const google::protobuf::Message& detail) {
  status->SetPayload(
      absl::StrCat(kTypePrefix, detail.GetDescriptor()->full_name()),
      absl::Cord(detail.SerializeAsString()));
}

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("aerie");
  AddDetail(&status, info);
  return status;
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  status.ForEachPayload(
      [&proto](absl::string_view type, const absl::Cord& bytes) {
        google::protobuf::Any& detail = *proto.add_details();
        detail.set_type_url(std::string(type));
        detail.set_value(std::string(bytes));
      });
  return proto;
}

// Abseil's codes are gRPC's, number by number.
grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status proto = ToProto(status);
  return grpc::Status(
      static_cast<grpc::StatusCode>(status.code()), proto.message(),
      proto.details().empty() ? std::string() : proto.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

}  // namespace aerie::rpc
