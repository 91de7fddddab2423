#ifndef AERIE_BROKER_AUTH_CONNECT_RULE_H_
#define AERIE_BROKER_AUTH_CONNECT_RULE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "broker/channel/grant.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// The client may open its socket.
struct Admission {
  std::string socket_id;  // Empty for none.
  std::string assigns;    // A JSON object; empty for `{}`.
  // What it may do then; null for everything, for ever.
  GrantPtr grant = nullptr;
};
// It may not, and hears this.
struct Denial {
  uint32_t status = 403;  // Of HTTP, 400 to 599.
  std::string body;
};
using ConnectVerdict = std::variant<Admission, Denial>;

// Who may open a socket. Phoenix: connect/3 and id/1 of the socket module. Any
// thread; must not block.
class ConnectRule {
 public:
  virtual ~ConnectRule() = default;

  // Decides about a client: `answer` is called once, within the call or later
  // on any thread. The request lives until Decide returns.
  virtual void Decide(const v1::Connect& request,
                      absl::AnyInvocable<void(ConnectVerdict)> answer) = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_CONNECT_RULE_H_
