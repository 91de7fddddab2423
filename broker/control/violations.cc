#include "broker/control/violations.h"

#include "absl/strings/str_join.h"
#include "common/rpc/status.h"
#include "proto/google/rpc/error_details.pb.h"

namespace aerie::broker {

void Violations::Add(absl::string_view field, absl::string_view description) {
  violations_.emplace_back(field, description);
}

absl::Status Violations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  absl::Status status = absl::InvalidArgumentError(
      absl::StrJoin(violations_, "; ", absl::PairFormatter(": ")));
  google::rpc::BadRequest bad;
  for (const auto& [field, description] : violations_) {
    google::rpc::BadRequest::FieldViolation& violation =
        *bad.add_field_violations();
    violation.set_field(field);
    violation.set_description(description);
  }
  rpc::AddDetail(&status, bad);
  return status;
}

}  // namespace aerie::broker
