#ifndef AERIE_BROKER_DASHBOARD_JSON_H_
#define AERIE_BROKER_DASHBOARD_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/admin.h"
#include "google/protobuf/message.h"

// The dashboard's answers. Pure functions.
namespace aerie::broker {

// As Protocol Buffers map it: 64-bit numbers and times are strings; fields have
// the names of the proto, and those with no value stand there too. Empty when a
// message cannot be written.
std::string ToJson(const google::protobuf::Message& message);

// In quotes.
std::string ToJson(absl::string_view text);

AdminAnswer JsonAnswer(std::string json);

// `{"error":"..."}`.
AdminAnswer ErrorAnswer(int status, absl::string_view message);
// The same, with the status of HTTP that comes nearest.
AdminAnswer ErrorAnswer(const absl::Status& status);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_JSON_H_
