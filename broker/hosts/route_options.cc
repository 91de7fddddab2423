#include "broker/hosts/route_options.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aerie::broker {

absl::Status CheckOptionNames(const RouteOptions& route,
                              std::initializer_list<absl::string_view> known) {
  for (const auto& [name, values] : route.options) {
    if (std::find(known.begin(), known.end(), absl::string_view(name)) !=
        known.end()) {
      continue;
    }
    return BadOption(
        route, name,
        known.size() == 0 ? "no options" : absl::StrJoin(known, ", "));
  }
  return absl::OkStatus();
}

absl::Status BadOption(const RouteOptions& route, absl::string_view option,
                       absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("route `", route.pattern, "`, host `", route.host,
                   "`, option `", option, "`: expected ", expected));
}

}  // namespace aerie::broker
