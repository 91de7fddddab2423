#ifndef AERIE_COMMON_CONFIG_SHARED_KEYS_H_
#define AERIE_COMMON_CONFIG_SHARED_KEYS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/config/schema.h"
#include "common/log.h"

// What edge and broker have in common.
namespace aerie::config {

inline constexpr uint64_t kKiB = 1 << 10;
inline constexpr uint64_t kMiB = 1 << 20;
inline constexpr uint64_t kGiB = 1 << 30;
inline constexpr uint64_t kSecondMs = 1'000;
inline constexpr uint64_t kMinuteMs = 60 * kSecondMs;
inline constexpr uint64_t kHourMs = 60 * kMinuteMs;

// The largest max_frame_size: one frame and what goes with it fit into one
// message between edge and broker, which has at most 16 MiB.
inline constexpr Range kFrameSizes = {1'024, 16'000'000};

// A place to listen on, as in common/address.h.
absl::Status AddressRule(absl::string_view text);

// `admin`, `drain` and `log`. The section `admin`, for keys of one process
// only.
Section& BindProcess(Section& root, std::string* admin_address,
                     uint32_t* drain_window_ms, log::Level* level,
                     log::Format* format);

// A message for Section::Check.
absl::optional<std::string> Complaint(const absl::Status& status);

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_SHARED_KEYS_H_
