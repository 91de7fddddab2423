#include "common/config/scalar.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace aerie::config {
namespace {

struct Unit {
  absl::string_view name;
  uint64_t bytes;
};
// FormatBytes takes the first one that divides; Kubernetes' names come late.
constexpr Unit kUnits[] = {
    {"GiB", 1ull << 30}, {"GB", 1'000'000'000},
    {"MiB", 1ull << 20}, {"MB", 1'000'000},
    {"KiB", 1ull << 10}, {"kB", 1'000},
    {"Gi", 1ull << 30},  {"Mi", 1ull << 20},
    {"Ki", 1ull << 10},  {"B", 1},
};

}  // namespace

absl::optional<uint64_t> ParseInteger(absl::string_view text) {
  uint64_t value;
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &value)) {
    return absl::nullopt;
  }
  return value;
}

absl::optional<uint64_t> ParseDurationMs(absl::string_view text) {
  absl::Duration duration;
  if (text.empty() || !absl::ascii_isdigit(text[0]) ||
      !absl::ParseDuration(text, &duration) ||
      duration == absl::InfiniteDuration() ||
      duration != absl::Trunc(duration, absl::Milliseconds(1))) {
    return absl::nullopt;
  }
  return absl::ToInt64Milliseconds(duration);
}

std::string FormatDurationMs(uint64_t ms) {
  return absl::FormatDuration(absl::Milliseconds(ms));
}

absl::optional<uint64_t> ParseBytes(absl::string_view text) {
  for (const Unit& unit : kUnits) {
    if (!absl::EndsWith(text, unit.name)) continue;
    text.remove_suffix(unit.name.size());
    const absl::optional<uint64_t> count = ParseInteger(text);
    if (!count || *count > std::numeric_limits<uint64_t>::max() / unit.bytes) {
      return absl::nullopt;
    }
    return *count * unit.bytes;
  }
  return ParseInteger(text);
}

std::string FormatBytes(uint64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (absl::EndsWith(unit.name, "B") && unit.bytes > 1 && bytes != 0 &&
        bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name);
    }
  }
  return absl::StrCat(bytes);
}

}  // namespace aerie::config
