#ifndef AERIE_BROKER_AUTH_TOKEN_ERROR_H_
#define AERIE_BROKER_AUTH_TOKEN_ERROR_H_

#include "absl/strings/string_view.h"

namespace aerie::broker {

// Why a JSON Web Token opens no socket. Clients never hear it.
enum class TokenError {
  kMissing,        // There is none.
  kTooLarge,       // Limits::token_bytes_max.
  kMalformed,      // No compact JWS, or no JSON object where one has to be.
  kAlgorithm,      // `alg` names none that its key is for.
  kCritical,       // `crit`: an extension that must be understood, and is not.
  kUnknownKey,     // `kid` names no key.
  kBadSignature,   // No key has made it.
  kExpired,        // `exp` is over.
  kNoExpiry,       // There is no `exp`.
  kNotYetValid,    // `nbf` is to come.
  kIssuedLater,    // `iat` is to come.
  kIssuer,         // `iss` is another one, or missing.
  kAudience,       // `aud` is somebody else, or missing.
  kClaimMissing,   // The socket id needs a claim that is not there.
  kTooManyTopics,  // Limits::grant_topics_max.
};
inline constexpr int kTokenErrors =
    static_cast<int>(TokenError::kTooManyTopics) + 1;

// The error's name in logs and metrics: `bad_signature`.
absl::string_view TokenErrorName(TokenError error);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_TOKEN_ERROR_H_
