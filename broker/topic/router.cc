#include "broker/topic/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace aerie::broker {

absl::Status Router::Add(Route route) {
  const size_t star = route.pattern.find('*');
  if (route.pattern.empty() ||
      (star != std::string::npos && star + 1 != route.pattern.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("pattern `", route.pattern,
                     "`: expected a topic, or a prefix that ends in `*`"));
  }
  routes_.push_back(std::move(route));
  return absl::OkStatus();
}

const Route* Router::Find(absl::string_view topic) const {
  for (const Route& route : routes_) {
    absl::string_view pattern = route.pattern;
    const bool prefix = pattern.back() == '*';
    if (prefix) pattern.remove_suffix(1);
    if (prefix ? absl::StartsWith(topic, pattern) : topic == pattern) {
      return &route;
    }
  }
  return nullptr;
}

}  // namespace aerie::broker
