#ifndef AERIE_EDGE_TRANSPORT_MOUNT_H_
#define AERIE_EDGE_TRANSPORT_MOUNT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "edge/transport/options.h"
#include "edge/transport/origin.h"
#include "edge/transport/query.h"

namespace aerie::edge {

// A mount's options, checked and ready to be asked. Immutable: any thread.
// Phoenix: the `socket` macro of Phoenix.Endpoint.
class Mount {
 public:
  // INVALID_ARGUMENT says what is wrong with the options.
  static absl::StatusOr<Mount> Create(MountOptions options);

  const MountOptions& options() const { return options_; }
  const OriginCheck& origin() const { return origin_; }

  // Matches the start of a split path; what is left of it goes to `rest`, and
  // path variables, decoded, to `variables`.
  bool Match(const std::vector<absl::string_view>& segments,
             absl::string_view* rest, Params* variables) const;

 private:
  Mount(MountOptions options, OriginCheck origin);

  MountOptions options_;
  OriginCheck origin_;
  std::vector<std::string> segments_;
};

// Where a path leads.
enum class Endpoint {
  kWebSocket,          // <mount>/websocket
  kLongPoll,           // <mount>/longpoll
  kFoundingWebSocket,  // <mount>
  kFoundingPoll,       // <mount>/poll
};

inline bool IsPoll(Endpoint endpoint) {
  return endpoint == Endpoint::kLongPoll || endpoint == Endpoint::kFoundingPoll;
}

struct Route {
  const Mount* mount;
  Endpoint endpoint;
  Params variables;
};

// The first mount that serves `path`, a percent-encoded one; slashes at its end
// and repeated ones do not count.
absl::optional<Route> FindRoute(const std::vector<Mount>& mounts,
                                absl::string_view path);

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_MOUNT_H_
