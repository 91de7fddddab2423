#ifndef AERIE_COMMON_CONFIG_LOAD_H_
#define AERIE_COMMON_CONFIG_LOAD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/config/schema.h"

// Where a configuration comes from. A flag overrides an environment variable,
// that overrides the file, and that the defaults:
//
//   --log.level=debug
//   AERIE_EDGE_LOG_LEVEL=debug     capitals, with `_` for each dot
//   log: {level: debug}            in the file of --config
//
// Lists and maps in flags and variables are written as YAML: `[a, b]`.
namespace aerie::config {

struct Program {
  absl::string_view name;  // `edge`, of aerie-edge and of AERIE_EDGE_….
  absl::string_view summary;
};

// What remains to be done: nothing but to run, or to say this and exit.
struct Outcome {
  absl::optional<int> exit_status;
  std::string out;  // For standard output.
  std::string err;  // For standard error.
};

using Environment = std::map<std::string, std::string>;

// Sets what `root` binds. `arguments` is without the program's name.
Outcome Load(const Program& program, Section& root,
             const std::vector<std::string>& arguments,
             const Environment& environment);

// The same for main: prints what there is to say. A value: exit with it.
absl::optional<int> LoadOrExit(const Program& program, Section& root, int argc,
                               char** argv);

// `AERIE_EDGE_LOG_LEVEL`.
std::string VariableName(const Program& program, const std::string& path);

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_LOAD_H_
