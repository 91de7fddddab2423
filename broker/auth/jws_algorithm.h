#ifndef AERIE_BROKER_AUTH_JWS_ALGORITHM_H_
#define AERIE_BROKER_AUTH_JWS_ALGORITHM_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace aerie::broker {

// How a token is signed: RFC 7518 section 3.1 and RFC 8037.
enum class JwsAlgorithm {
  kHs256,  // HMAC with SHA-256, by a secret.
  kRs256,  // RSASSA-PKCS1-v1_5 with SHA-256.
  kEs256,  // ECDSA with P-256 and SHA-256.
  kEdDsa,  // Ed25519.
};

// As in `alg`: `HS256`.
constexpr absl::string_view JwsAlgorithmName(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::kHs256:
      return "HS256";
    case JwsAlgorithm::kRs256:
      return "RS256";
    case JwsAlgorithm::kEs256:
      return "ES256";
    case JwsAlgorithm::kEdDsa:
      return "EdDSA";
  }
  return "";
}

// Nothing for any other name, `none` included.
inline absl::optional<JwsAlgorithm> FindJwsAlgorithm(absl::string_view name) {
  for (const JwsAlgorithm algorithm :
       {JwsAlgorithm::kHs256, JwsAlgorithm::kRs256, JwsAlgorithm::kEs256,
        JwsAlgorithm::kEdDsa}) {
    if (JwsAlgorithmName(algorithm) == name) return algorithm;
  }
  return absl::nullopt;
}

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWS_ALGORITHM_H_
