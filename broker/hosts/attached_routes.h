#ifndef AERIE_BROKER_HOSTS_ATTACHED_ROUTES_H_
#define AERIE_BROKER_HOSTS_ATTACHED_ROUTES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/hosts/attached/host_table.h"
#include "broker/options.h"

// The configured routes whose channels run in attached hosts.
namespace aerie::broker {

// What such a route calls its host.
inline constexpr absl::string_view kAttachedHost = "attached";

// INVALID_ARGUMENT for options that can't be.
absl::StatusOr<Spread> SpreadOf(const RouteOptions& route);

// Those among `routes`, which have been checked.
std::vector<AttachedRoute> AttachedRoutes(
    const std::vector<RouteOptions>& routes);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_ROUTES_H_
