#ifndef AERIE_BROKER_CHANNEL_GRANT_H_
#define AERIE_BROKER_CHANNEL_GRANT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aerie::broker {

// What a socket may do, and until when: what its token has granted. Immutable
// and shared: any thread. A socket without one may do everything, for ever.
struct Grant {
  // Topics that may be joined.
  std::vector<std::string> topics;
  // Topics that begin so may be joined as well; the empty one begins all.
  std::vector<std::string> prefixes;
  // From then on nothing may be joined, and the socket has to end.
  absl::Time expires = absl::InfiniteFuture();

  bool Allows(absl::string_view topic, absl::Time now) const;

  friend bool operator==(const Grant&, const Grant&) = default;
};

using GrantPtr = std::shared_ptr<const Grant>;

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_GRANT_H_
