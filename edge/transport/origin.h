#ifndef AERIE_EDGE_TRANSPORT_ORIGIN_H_
#define AERIE_EDGE_TRANSPORT_ORIGIN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "edge/transport/options.h"

namespace aerie::edge {

// Scheme, host and port of a URI; absent ones are empty and 0. The scheme is in
// lower case and fills a missing port (http and ws 80, https and wss 443); the
// host keeps its case and has no brackets.
struct Site {
  std::string scheme;
  std::string host;
  uint32_t port = 0;

  // Reads any text the way RFC 3986, appendix B, takes a URI apart: nothing is
  // an error, parts are absent.
  static Site Parse(absl::string_view uri);
};

// Decides which Origin headers may open sockets of a mount. Phoenix:
// Phoenix.Socket.Transport.check_origin. Immutable: any thread.
class OriginCheck {
 public:
  // INVALID_ARGUMENT for a rule without a host. `founding_alone`: the mount
  // serves no other dialect.
  static absl::StatusOr<OriginCheck> Create(const CheckOrigin& options,
                                            bool founding_alone);

  // `conn` is what the request itself was sent to. Without an Origin header
  // everything is allowed: only browsers send one.
  bool Allows(absl::optional<absl::string_view> origin, const Site& conn) const;

 private:
  OriginCheck() = default;

  CheckOrigin::Mode mode_ = CheckOrigin::Mode::kConn;
  std::string url_host_;
  std::vector<Site> rules_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_ORIGIN_H_
