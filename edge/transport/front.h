#ifndef AERIE_EDGE_TRANSPORT_FRONT_H_
#define AERIE_EDGE_TRANSPORT_FRONT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "edge/transport/mount.h"
#include "edge/transport/options.h"
#include "edge/transport/pages.h"
#include "edge/transport/proxies.h"

namespace aerie::edge {

// What a listener serves. Immutable: all io threads share it.
struct Front {
  std::vector<Mount> mounts;
  Pages pages;
  TrustedProxies proxies;

  static absl::StatusOr<Front> Create(const ListenerOptions& options);
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_FRONT_H_
