#include "broker/topic/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/aerie/v1/canary_topic.h"

namespace aerie::broker {

absl::Status CheckPattern(absl::string_view pattern) {
  const size_t star = pattern.find('*');
  if (!pattern.empty() &&
      (star == absl::string_view::npos || star + 1 == pattern.size())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("pattern `", pattern,
                   "`: expected a topic, or a prefix that ends in `*`"));
}

absl::Status Router::Add(Route route) {
  absl::Status status = CheckPattern(route.pattern);
  if (!status.ok()) return status;
  routes_.push_back(std::move(route));
  return absl::OkStatus();
}

const Route* Router::Find(absl::string_view topic) const {
  if (topic == v1::kCanaryTopic) return nullptr;
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
