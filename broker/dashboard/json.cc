#include "broker/dashboard/json.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"

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

std::string ToJson(absl::string_view text) {
  google::protobuf::StringValue value;
  value.set_value(std::string(text));
  return ToJson(value);
}

AdminAnswer JsonAnswer(std::string json) {
  if (json.empty()) return ErrorAnswer(500, "the answer cannot be written");
  return {200, kJson, std::move(json)};
}

AdminAnswer ErrorAnswer(int status, absl::string_view message) {
  return {status, kJson, absl::StrCat("{\"error\":", ToJson(message), "}")};
}

AdminAnswer ErrorAnswer(const absl::Status& status) {
  return ErrorAnswer(HttpStatus(status), status.message());
}

}  // namespace aerie::broker
