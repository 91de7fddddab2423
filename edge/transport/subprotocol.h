#ifndef AERIE_EDGE_TRANSPORT_SUBPROTOCOL_H_
#define AERIE_EDGE_TRANSPORT_SUBPROTOCOL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "edge/transport/options.h"

namespace aerie::edge {

// What a Sec-WebSocket-Protocol header comes to.
struct Subprotocol {
  // To be echoed; empty for none.
  std::string chosen;
  // From the auth-token subprotocol, decoded: any bytes.
  absl::optional<std::string> token;
  // The header without tokens, for applications and logs.
  std::string offered;
};

// Takes the token and chooses among `mount`'s subprotocols, the mount's order
// counting. `header` is all of the request's headers joined. Errors:
//   INVALID_ARGUMENT    the token is not base64 (Phoenix crashes here)
//   PERMISSION_DENIED   the mount takes none of what is offered
// Phoenix: Phoenix.Socket.Transport.check_subprotocols and Phoenix.Transports.
// WebSocket.
absl::StatusOr<Subprotocol> ChooseSubprotocol(
    const absl::optional<std::string>& header, const MountOptions& mount);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_SUBPROTOCOL_H_
