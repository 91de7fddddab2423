#ifndef AERIE_COMMON_BUILD_INFO_H_
#define AERIE_COMMON_BUILD_INFO_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/metrics.h"

// What this binary was built from. Any thread.
namespace aerie {

// The release, as `0.1.0`.
absl::string_view Version();

// The git commit, or `unknown`: builds that shall know it pass
// --per_file_copt=common/build_info.cc@-DAERIE_COMMIT=<hash>.
absl::string_view Commit();

// One line: `aerie-edge 0.1.0 (commit 1cbc6d6, gcc 12.2.0)`.
std::string BuildInfo(absl::string_view process);

// The gauge `aerie_<process>_build_info`, which is always 1; its labels tell.
void AddBuildInfo(MetricsRegistry& registry, absl::string_view process);

}  // namespace aerie

#endif  // AERIE_COMMON_BUILD_INFO_H_
