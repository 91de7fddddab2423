// Compares ValidateJson with another parser, whose limits are known.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "proto/phoenix/json.h"
#include "test/fuzz/check.h"

namespace aerie::fuzz {
namespace {

// The other parser counts integers beyond a double as overflow, too; they need
// as many digits.
bool HasHugeInteger(absl::string_view text) {
  constexpr int kDigits = 309;
  int digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= kDigits) return true;
  }
  return false;
}

void CheckStrings(const nlohmann::json& value, absl::string_view text) {
  if (!value.is_string()) return;
  const std::string content = value.get<std::string>();
  absl::string_view string = text;
  string.remove_prefix(string.find('"'));
  string = string.substr(0, string.rfind('"') + 1);
  Check(phoenix::UnescapeJsonString(string) == content, "content of a string");
  std::string json;
  phoenix::AppendJsonString(content, &json);
  Check(phoenix::UnescapeJsonString(json) == content, "string comes back");
  Check(phoenix::ValidateJson(json).ok(), "escaped string is JSON");
}

void Run(absl::string_view text) {
  const absl::Status ours = phoenix::ValidateJson(text);
  if (absl::StrContains(ours.message(), "nested too deep")) return;
  // It skips a byte order mark.
  if (absl::StartsWith(text, "\xef\xbb\xbf") || HasHugeInteger(text)) return;
  // It takes a NUL at the end for the end.
  if (text.find('\0') != absl::string_view::npos) return;
  const bool theirs = nlohmann::json::accept(text.begin(), text.end());
  Check(ours.ok() == theirs, "parsers agree");
  if (theirs) {
    CheckStrings(nlohmann::json::parse(text.begin(), text.end()), text);
    Check(phoenix::IsValidUtf8(text), "valid JSON is UTF-8");
  }
}

}  // namespace
}  // namespace aerie::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aerie::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
