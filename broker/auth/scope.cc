#include "broker/auth/scope.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace aerie::broker {
namespace {

// In the order of Scope.
constexpr absl::string_view kNames[] = {"read", "publish", "admin", "host",
                                        "edge"};
static_assert(sizeof(kNames) / sizeof(kNames[0]) == kScopes);

}  // namespace

absl::string_view ScopeName(Scope scope) {
  return kNames[static_cast<int>(scope)];
}

absl::StatusOr<Scope> ParseScope(absl::string_view name) {
  for (int i = 0; i < kScopes; ++i) {
    if (kNames[i] == name) return static_cast<Scope>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected read, publish, admin, host or edge, got \"", name, "\""));
}

}  // namespace aerie::broker
