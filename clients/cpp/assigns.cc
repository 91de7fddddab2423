#include "clients/cpp/assigns.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/limits.h"
#include "proto/phoenix/json.h"

namespace aerie::client {
namespace {

// Where the first `end` behind `from` stands that is inside of no string,
// array or object of the value there.
size_t ValueEnd(absl::string_view text, size_t from, absl::string_view ends) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (depth == 0 && ends.find(c) != absl::string_view::npos) return i;
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return text.size();
}

bool IsObject(absl::string_view json) {
  return phoenix::ValidateJson(json).ok() && phoenix::IsJsonObject(json);
}

}  // namespace

Assigns::Assigns(absl::string_view json) {
  if (IsObject(json)) members_ = Split(json);
}

absl::Status Assigns::Merge(absl::string_view json) {
  if (!IsObject(json)) {
    return absl::InvalidArgumentError("assigns must be a JSON object");
  }
  Members merged = Split(json);
  merged.insert(members_.begin(), members_.end());
  const size_t bytes = Join(merged).size();
  if (bytes > limits::kAssignsBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "assigns of ", bytes, " bytes, at most ", limits::kAssignsBytesMax));
  }
  members_ = std::move(merged);
  return absl::OkStatus();
}

std::string Assigns::Text() const { return Join(members_); }

Assigns::Members Assigns::Split(absl::string_view object) {
  Members members;
  size_t at = object.find('{') + 1;
  while (at < object.size()) {
    const size_t colon = ValueEnd(object, at, ":}");
    if (colon >= object.size() || object[colon] == '}') break;
    const size_t end = ValueEnd(object, colon + 1, ",}");
    const auto part = [object](size_t from, size_t to) {
      return std::string(
          absl::StripAsciiWhitespace(object.substr(from, to - from)));
    };
    members.insert_or_assign(part(at, colon), part(colon + 1, end));
    at = end + 1;
  }
  return members;
}

std::string Assigns::Join(const Members& members) {
  std::string text = "{";
  for (const auto& [key, value] : members) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", key, ":", value);
  }
  return text + "}";
}

}  // namespace aerie::client
