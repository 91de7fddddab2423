#include "common/rpc/authority.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"

namespace aerie::rpc {

absl::Status CheckListenAddress(absl::string_view address, bool credentials,
                                bool insecure) {
  const absl::StatusOr<Address> parsed = ParseAddress(address);
  if (!parsed.ok()) return parsed.status();
  if (credentials || insecure || parsed->IsLoopback()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "address ", address,
      " can be reached from other machines, and there are no credentials: "
      "configure `services`, listen on a loopback address, or set `insecure: "
      "true` if the network keeps strangers out"));
}

}  // namespace aerie::rpc
