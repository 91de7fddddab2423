#include "common/rpc/status.h"

#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::rpc {
namespace {

TEST(StatusTest, CodeAndTextSurviveBothWays) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "why");
    EXPECT_EQ(ToGrpc(status).error_code(), code);
    EXPECT_EQ(ToGrpc(status).error_message(), "why");
    EXPECT_EQ(FromGrpc(ToGrpc(status)), status);
  }
}

TEST(StatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(StatusTest, DetailsTravelWithTheStatus) {
  google::rpc::BadRequest wrong;
  wrong.add_field_violations()->set_field("topic");
  absl::Status status =
      WithReason(absl::InvalidArgumentError("why"), "NOT_A_TOPIC");
  AddDetail(&status, wrong);
  const grpc::Status out = ToGrpc(status);
  google::rpc::Status proto;
  ASSERT_TRUE(proto.ParseFromString(out.error_details()));
  EXPECT_EQ(proto.code(), 3);
  EXPECT_EQ(proto.message(), "why");
  ASSERT_EQ(proto.details_size(), 2);
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest read;
  for (const google::protobuf::Any& detail : proto.details()) {
    detail.UnpackTo(&info) || detail.UnpackTo(&read);
  }
  EXPECT_EQ(info.reason(), "NOT_A_TOPIC");
  EXPECT_EQ(info.domain(), "aerie");
  ASSERT_EQ(read.field_violations_size(), 1);
  EXPECT_EQ(read.field_violations(0).field(), "topic");
}

TEST(StatusTest, WithoutDetailsNothingMoreTravels) {
  EXPECT_TRUE(ToGrpc(absl::NotFoundError("gone")).error_details().empty());
}

}  // namespace
}  // namespace aerie::rpc
