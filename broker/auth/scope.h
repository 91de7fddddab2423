#ifndef AERIE_BROKER_AUTH_SCOPE_H_
#define AERIE_BROKER_AUTH_SCOPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aerie::broker {

// What a service may do with the broker. None implies another one.
enum class Scope : uint8_t {
  kRead,     // `read`: looks at topics, sockets, the cluster, and watches.
  kPublish,  // `publish`: broadcasts and pushes.
  kAdmin,    // `admin`: disconnects, closes channels, renews tokens.
  kHost,     // `host`: runs channels (ChannelHost), renews tokens.
  kEdge,     // `edge`: speaks for clients (EdgeLink).
};
inline constexpr int kScopes = static_cast<int>(Scope::kEdge) + 1;

// As configurations spell it.
absl::string_view ScopeName(Scope scope);
// INVALID_ARGUMENT for a name of none.
absl::StatusOr<Scope> ParseScope(absl::string_view name);

// Several scopes.
class ScopeSet {
 public:
  void Add(Scope scope) { bits_ |= Bit(scope); }
  bool Has(Scope scope) const { return (bits_ & Bit(scope)) != 0; }

 private:
  static uint8_t Bit(Scope scope) {
    return static_cast<uint8_t>(1 << static_cast<int>(scope));
  }

  uint8_t bits_ = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_SCOPE_H_
