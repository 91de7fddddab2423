#ifndef AERIE_BROKER_CONFIG_H_
#define AERIE_BROKER_CONFIG_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "broker/options.h"
#include "common/config/load.h"
#include "common/config/schema.h"

// The keys of the broker's configuration. One thread, at start.
namespace aerie::broker {

inline constexpr config::Program kProgram = {
    "broker",
    "Owns channels and topics and decides what clients may; edges link to it."};

// What is wrong with a route, if anything: only the registry of hosts knows.
using RouteCheck = std::function<absl::Status(const RouteOptions&)>;

// Binds every key to its member of `options`, which outlives `root`.
void Bind(config::Section& root, Options& options, RouteCheck check_route);

// For main: reads file, environment and arguments. A value: exit with it.
absl::optional<int> LoadOptions(int argc, char** argv, Options& options,
                                RouteCheck check_route);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONFIG_H_
