#ifndef AERIE_BROKER_AUTH_JWKS_H_
#define AERIE_BROKER_AUTH_JWKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/auth/jws_key.h"

namespace aerie::broker {

// What a JSON Web Key Set (RFC 7517) has for us.
struct Jwks {
  JwsKeys keys;
  // Of those that are not taken, which one and why: `keys[2]: not for
  // signatures`.
  std::vector<std::string> skipped;
};

// Takes RSA keys for RS256, those on P-256 for ES256, Ed25519 ones for EdDSA
// and secrets for HS256; what `alg` names must be the same. Others are skipped,
// as section 5 says. INVALID_ARGUMENT when it is no key set, when no key is
// left, or when there are too many. Pure: any thread.
absl::StatusOr<Jwks> ParseJwks(absl::string_view text, uint32_t keys_max);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWKS_H_
