#ifndef AERIE_EDGE_CONFIG_H_
#define AERIE_EDGE_CONFIG_H_

#include "absl/types/optional.h"
#include "common/config/load.h"
#include "common/config/schema.h"
#include "edge/options.h"

// The keys of the edge's configuration. One thread, at start.
namespace aerie::edge {

inline constexpr config::Program kProgram = {
    "edge",
    "Holds the clients' sockets and speaks Phoenix with them; a broker "
    "decides."};

// Binds every key to its member of `options`, which outlives `root`.
void Bind(config::Section& root, Options& options);

// For main: reads file, environment and arguments. A value: exit with it.
absl::optional<int> LoadOptions(int argc, char** argv, Options& options);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_CONFIG_H_
