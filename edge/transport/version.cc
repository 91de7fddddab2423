#include "edge/transport/version.h"

#include <cstddef>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace aerie::edge {
namespace {

// Semantic Versioning 2.0.0: digits without leading zeros.
bool IsNumber(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, absl::ascii_isdigit) &&
         (text.size() == 1 || text[0] != '0');
}

// Dot-separated identifiers of letters, digits and hyphens.
bool IsBuildMetadata(absl::string_view text) {
  for (absl::string_view part : absl::StrSplit(text, '.')) {
    if (part.empty() || !absl::c_all_of(part, [](unsigned char c) {
          return absl::ascii_isalnum(c) || c == '-';
        })) {
      return false;
    }
  }
  return true;
}

}  // namespace

v1::Dialect DialectOfVersion(absl::string_view version) {
  const size_t plus = version.find('+');
  if (plus != absl::string_view::npos) {
    if (!IsBuildMetadata(version.substr(plus + 1))) {
      return v1::DIALECT_UNSPECIFIED;
    }
    version = version.substr(0, plus);
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  if (parts.size() != 3 || !absl::c_all_of(parts, IsNumber) ||
      parts[1] != "0") {
    return v1::DIALECT_UNSPECIFIED;
  }
  if (parts[0] == "1") return v1::DIALECT_V1;
  if (parts[0] == "2") return v1::DIALECT_V2;
  return v1::DIALECT_UNSPECIFIED;
}

v1::Dialect ChooseDialect(const Params& params, v1::Dialect default_dialect) {
  v1::Dialect dialect = default_dialect;
  for (const auto& [name, value] : params) {
    if (name == "vsn") dialect = DialectOfVersion(value);
    // A list or a map is no version.
    if (absl::StartsWith(name, "vsn[")) dialect = v1::DIALECT_UNSPECIFIED;
  }
  return dialect;
}

}  // namespace aerie::edge
