#ifndef AERIE_BROKER_HOSTS_ROUTE_OPTIONS_H_
#define AERIE_BROKER_HOSTS_ROUTE_OPTIONS_H_

#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/options.h"

namespace aerie::broker {

// INVALID_ARGUMENT, naming the route, for an option that is not in `known`.
absl::Status CheckOptionNames(const RouteOptions& route,
                              std::initializer_list<absl::string_view> known);

// INVALID_ARGUMENT about one option of a route.
absl::Status BadOption(const RouteOptions& route, absl::string_view option,
                       absl::string_view expected);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ROUTE_OPTIONS_H_
