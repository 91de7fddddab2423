// Prints deploy/config.md.

#include <iostream>

#include "absl/status/status.h"
#include "broker/config.h"
#include "broker/options.h"
#include "common/config/docs.h"
#include "common/config/schema.h"
#include "edge/config.h"
#include "edge/options.h"

namespace aerie {
namespace {

constexpr char kIntroduction[] = R"(# Configuration

<!-- Written by `bazel run //test/lint:config_docs > deploy/config.md`. -->

Edge and broker run without any configuration. What differs from the defaults
stands in one YAML file per process, named by `--config FILE` (or
`AERIE_EDGE_CONFIG`, `AERIE_BROKER_CONFIG`); flags and environment variables set
single keys:

| where | `log.level` of the edge |
| --- | --- |
| flag; wins over | `--log.level=debug` |
| environment variable; wins over | `AERIE_EDGE_LOG_LEVEL=debug`: capitals, `_` for each dot |
| file | `log: {level: debug}` |

- Durations have a unit (`500ms`, `30s`, `1h30m`); so may sizes (`64KiB`, `10MB`).
- In flags and variables, lists and maps are written as YAML:
  `--trusted_proxies='[10.0.0.0/8]'`. They replace the whole list.
- An unknown key or variable, a value of the wrong type or an impossible one
  stops the start with file, line, column and what was expected.
- `--check-config` only checks. `--print-config` prints what is in force, as a
  file; secrets are masked. `--help` lists all keys, `--version` tells the build.
- The names under `limits` end in what is counted; what happens beyond a limit
  stands after "Then".

)";

absl::Status AnyRoute(const broker::RouteOptions&) { return absl::OkStatus(); }

void Print() {
  edge::Options edge_options;
  config::Section edge_keys;
  edge::Bind(edge_keys, edge_options);
  broker::Options broker_options;
  config::Section broker_keys;
  broker::Bind(broker_keys, broker_options, AnyRoute);
  std::cout << kIntroduction << config::Markdown(edge::kProgram, edge_keys)
            << "\n"
            << config::Markdown(broker::kProgram, broker_keys);
}

}  // namespace
}  // namespace aerie

int main() { aerie::Print(); }
