#ifndef AERIE_COMMON_RPC_AUTHORITY_H_
#define AERIE_COMMON_RPC_AUTHORITY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aerie::rpc {

// Whether only this machine can reach a listen address (`127.0.0.1:4010`,
// `[::1]:0`, `localhost:4010`, `unix:/run/aerie.sock`).
bool IsLoopback(absl::string_view address);

// The rule of who may listen where: whoever reaches a gRPC port may assert
// sockets and speak for services, so an address that others reach needs
// credentials, or the operator's word (`insecure: true`) that the network is
// closed by other means. A start-up error otherwise.
absl::Status CheckListenAddress(absl::string_view address, bool credentials,
                                bool insecure);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_AUTHORITY_H_
