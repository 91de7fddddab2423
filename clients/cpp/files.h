#ifndef AERIE_CLIENTS_CPP_FILES_H_
#define AERIE_CLIENTS_CPP_FILES_H_

#include <string>

#include "absl/status/statusor.h"

namespace aerie::client {

// Inside of the SDK: what a file holds. INVALID_ARGUMENT names one that cannot
// be read. Any thread.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_FILES_H_
