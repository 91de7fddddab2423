#ifndef AERIE_COMMON_CONFIG_SCALAR_H_
#define AERIE_COMMON_CONFIG_SCALAR_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

// How numbers, durations and sizes are written in configuration: pure
// functions, in pairs that undo each other.
namespace aerie::config {

// Decimal digits and nothing else.
absl::optional<uint64_t> ParseInteger(absl::string_view text);

// `30s`, `500ms`, `1h30m`, `0`: whole milliseconds.
absl::optional<uint64_t> ParseDurationMs(absl::string_view text);
std::string FormatDurationMs(uint64_t ms);

// Bytes: `65536`, `64KiB`, `1MiB`, `10MB`; Kubernetes' `64Ki` too.
absl::optional<uint64_t> ParseBytes(absl::string_view text);
std::string FormatBytes(uint64_t bytes);

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_SCALAR_H_
