#ifndef AERIE_COMMON_RPC_AUTHORITY_H_
#define AERIE_COMMON_RPC_AUTHORITY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aerie::rpc {

// The rule of who may listen where: whoever reaches a gRPC port may assert
// sockets and speak for services, so an address that other machines reach needs
// credentials, or the operator's word (`insecure: true`) that the network keeps
// strangers out. Otherwise, and for what is no address (common/address.h), a
// start-up error.
absl::Status CheckListenAddress(absl::string_view address, bool credentials,
                                bool insecure);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_AUTHORITY_H_
