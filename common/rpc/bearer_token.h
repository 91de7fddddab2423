#ifndef AERIE_COMMON_RPC_BEARER_TOKEN_H_
#define AERIE_COMMON_RPC_BEARER_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie::rpc {

// gRPC's metadata has room for 8 KiB in all.
inline constexpr size_t kTokenBytesMax = 4'096;

// Bearer tokens (RFC 6750), without the white space at their ends. Errors name
// the source, never the token: INVALID_ARGUMENT for one that is empty, too long
// or not of printable ASCII (gRPC ends a process that shows such a one, and
// logs it), NOT_FOUND where there is none.
absl::StatusOr<std::string> TakeToken(absl::string_view text,
                                      absl::string_view source);
absl::StatusOr<std::string> ReadTokenFile(const std::string& file);
absl::StatusOr<std::string> ReadTokenVariable(const std::string& name);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_BEARER_TOKEN_H_
