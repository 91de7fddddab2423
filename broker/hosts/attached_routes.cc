#include "broker/hosts/attached_routes.h"

#include <string>

#include "broker/hosts/route_options.h"

namespace aerie::broker {
namespace {

constexpr absl::string_view kSpread = "spread";

}  // namespace

absl::StatusOr<Spread> SpreadOf(const RouteOptions& route) {
  const absl::Status known = CheckOptionNames(route, {kSpread});
  if (!known.ok()) return known;
  const auto spread = route.options.find(std::string(kSpread));
  if (spread == route.options.end()) return Spread::kTopic;
  const std::vector<std::string>& values = spread->second;
  if (values == std::vector<std::string>{"topic"}) return Spread::kTopic;
  if (values == std::vector<std::string>{"socket"}) return Spread::kSocket;
  if (values == std::vector<std::string>{"least_loaded"}) {
    return Spread::kLeastLoaded;
  }
  return BadOption(route, kSpread, "topic, socket or least_loaded");
}

std::vector<AttachedRoute> AttachedRoutes(
    const std::vector<RouteOptions>& routes) {
  std::vector<AttachedRoute> attached;
  for (const RouteOptions& route : routes) {
    if (route.host != kAttachedHost) continue;
    attached.push_back({route.pattern, SpreadOf(route).value_or(Spread())});
  }
  return attached;
}

}  // namespace aerie::broker
