#include "edge/transport/front.h"

#include <utility>

namespace aerie::edge {

absl::StatusOr<Front> Front::Create(const ListenerOptions& options) {
  Front front;
  for (const MountOptions& one : options.mounts) {
    absl::StatusOr<Mount> mount = Mount::Create(one);
    if (!mount.ok()) return mount.status();
    front.mounts.push_back(*std::move(mount));
  }
  absl::StatusOr<Pages> pages = Pages::Load(options.pages);
  if (!pages.ok()) return pages.status();
  front.pages = *std::move(pages);
  absl::StatusOr<TrustedProxies> proxies =
      TrustedProxies::Create(options.trusted_proxies);
  if (!proxies.ok()) return proxies.status();
  front.proxies = *std::move(proxies);
  return front;
}

}  // namespace aerie::edge
