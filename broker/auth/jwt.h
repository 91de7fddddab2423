#ifndef AERIE_BROKER_AUTH_JWT_H_
#define AERIE_BROKER_AUTH_JWT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/auth/jws_key.h"
#include "broker/auth/token_error.h"
#include "nlohmann/json.hpp"

namespace aerie::broker {

// What a token's claims have to be.
struct ClaimRules {
  std::string issuer;  // `iss`; empty: whatever it is.
  // `aud` names one of these; when there are none, there must be no `aud`
  // (RFC 7519 section 4.1.3).
  std::vector<std::string> audience;
  // How far our clock and the issuer's may be apart.
  absl::Duration leeway;
  bool expiry_required = true;
};

// A valid token's content.
struct Jwt {
  nlohmann::json claims;  // An object.
  // When it will not be valid any more, leeway included.
  absl::Time expires = absl::InfiniteFuture();
};

// Checks a JSON Web Token (RFC 7519): its signature, then `exp`, `nbf`, `iat`,
// `iss` and `aud`. Pure: any thread.
std::variant<Jwt, TokenError> VerifyJwt(absl::string_view token,
                                        const JwsKeys& keys,
                                        const ClaimRules& rules, absl::Time now,
                                        uint32_t bytes_max);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWT_H_
