#ifndef AERIE_TEST_E2E_GOLDEN_H_
#define AERIE_TEST_E2E_GOLDEN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace aerie::testing {

// The entries of test/data/<name>.json. Ends the process if it can't be read.
std::vector<nlohmann::json> Golden(absl::string_view name);

// An entry's name as a test's: letters, digits and `_`. `index` keeps names
// apart that differ in other characters.
std::string TestName(const nlohmann::json& entry, size_t index);

// Bytes that a golden file holds: `wire` by `wire_encoding`.
std::string Wire(const nlohmann::json& entry);

// Where clients of a dialect connect.
std::string TargetOf(absl::string_view dialect);

}  // namespace aerie::testing

#endif  // AERIE_TEST_E2E_GOLDEN_H_
