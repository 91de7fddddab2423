#include "broker/hosts/registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/hosts/attached_routes.h"
#include "broker/hosts/echo.h"
#include "broker/hosts/relay.h"
#include "broker/hosts/route_options.h"

namespace aerie::broker {

HostRegistry::HostRegistry() {
  Add("relay", &Relay::Make);
  Add("echo", &Echo::Make);
}

void HostRegistry::Add(std::string name, Factory factory) {
  factories_[std::move(name)] = std::move(factory);
}

absl::StatusOr<std::shared_ptr<const Router>> HostRegistry::MakeRouter(
    const std::vector<RouteOptions>& routes,
    const std::shared_ptr<Host>& attached) const {
  auto router = std::make_shared<Router>();
  for (const RouteOptions& route : routes) {
    absl::StatusOr<std::shared_ptr<Host>> host = MakeHost(route, attached);
    if (!host.ok()) return host.status();
    const absl::Status added =
        router->Add({route.pattern, *std::move(host), route.intercepts,
                     route.host == kAttachedHost ? "" : route.host});
    if (!added.ok()) return added;
  }
  return router;
}

absl::StatusOr<std::shared_ptr<Host>> HostRegistry::MakeHost(
    const RouteOptions& route, const std::shared_ptr<Host>& attached) const {
  if (route.host == kAttachedHost) {
    const absl::StatusOr<Spread> spread = SpreadOf(route);
    if (!spread.ok()) return spread.status();
    return attached;
  }
  const auto factory = factories_.find(route.host);
  if (factory != factories_.end()) return factory->second(route);
  return absl::InvalidArgumentError(absl::StrCat(
      "route `", route.pattern, "`: no host is named `", route.host,
      "`; there are ", kAttachedHost, ", ",
      absl::StrJoin(factories_, ", ", [](std::string* out, const auto& f) {
        out->append(f.first);
      })));
}

absl::StatusOr<std::shared_ptr<Host>> HostRegistry::MakeChannelHost(
    const RouteOptions& route, ChannelHost::Factory factory) {
  const absl::Status known = CheckOptionNames(route, {});
  if (!known.ok()) return known;
  return std::make_shared<ChannelHost>(std::move(factory));
}

}  // namespace aerie::broker
