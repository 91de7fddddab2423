#include "broker/channel/grant.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace aerie::broker {

bool Grant::Allows(absl::string_view topic, absl::Time now) const {
  if (now >= expires) return false;
  return std::find(topics.begin(), topics.end(), topic) != topics.end() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [topic](const std::string& prefix) {
                       return absl::StartsWith(topic, prefix);
                     });
}

}  // namespace aerie::broker
