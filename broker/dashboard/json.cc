#include "broker/dashboard/json.h"

#include <utility>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace aerie::broker {
namespace {

constexpr absl::string_view kJson = "application/json";

int HttpStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options)
           .ok()) {
    return {};
  }
  return json;
}

AdminAnswer JsonAnswer(std::string json) {
  if (json.empty()) return ErrorAnswer(500, "the answer cannot be written");
  return {200, kJson, std::move(json)};
}

AdminAnswer ErrorAnswer(int status, absl::string_view message) {
  google::protobuf::Struct error;
  (*error.mutable_fields())["error"].set_string_value(std::string(message));
  return {status, kJson, ToJson(error)};
}

AdminAnswer ErrorAnswer(const absl::Status& status) {
  return ErrorAnswer(HttpStatus(status), status.message());
}

}  // namespace aerie::broker
