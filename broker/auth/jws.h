#ifndef AERIE_BROKER_AUTH_JWS_H_
#define AERIE_BROKER_AUTH_JWS_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "broker/auth/jws_key.h"
#include "broker/auth/token_error.h"

namespace aerie::broker {

// The payload of a compact JSON Web Signature (RFC 7515) that one of the keys
// has made. With a `kid`, only keys of that name are tried; without, all for
// the token's `alg`. Nothing in a token chooses anything else: `crit` is
// refused, and other members are not read. Pure: any thread.
std::variant<std::string, TokenError> VerifyJws(absl::string_view token,
                                                const JwsKeys& keys,
                                                uint32_t bytes_max);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWS_H_
