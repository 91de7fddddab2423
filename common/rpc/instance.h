#ifndef AERIE_COMMON_RPC_INSTANCE_H_
#define AERIE_COMMON_RPC_INSTANCE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace aerie::rpc {

// What peers and logs call a process: its name (empty: the machine's) and eight
// random digits, new at each call (`edge-7-1f09c3ab`). At most 128 bytes.
std::string NewInstanceName(absl::string_view name);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_INSTANCE_H_
