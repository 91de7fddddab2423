#ifndef AERIE_BROKER_AUTH_JWS_KEY_H_
#define AERIE_BROKER_AUTH_JWS_KEY_H_

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/auth/jws_algorithm.h"

namespace aerie::broker {

struct EvpKeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, EvpKeyFree>;

// A key that signatures are checked with. It is for one algorithm, whatever a
// token says, so that a public key can't be taken for a secret. Immutable: any
// thread.
class JwsKey {
 public:
  // For HS256. INVALID_ARGUMENT for one of less than 32 bytes (RFC 7518 section
  // 3.2), and for a PEM file.
  static absl::StatusOr<JwsKey> FromSecret(std::string secret, std::string kid);

  // A public key as PEM (`BEGIN PUBLIC KEY`). INVALID_ARGUMENT when it can't be
  // read or is not for the algorithm.
  static absl::StatusOr<JwsKey> FromPem(JwsAlgorithm algorithm,
                                        absl::string_view pem, std::string kid);

  // INVALID_ARGUMENT when it is not for the algorithm, or an RSA key of less
  // than 2048 bits.
  static absl::StatusOr<JwsKey> FromPublicKey(JwsAlgorithm algorithm,
                                              EvpKey key, std::string kid);

  JwsAlgorithm algorithm() const { return algorithm_; }
  // Its name; empty for none.
  const std::string& kid() const { return kid_; }

  // Whether this key has made the signature of `text`.
  bool Verify(absl::string_view text, absl::string_view signature) const;

 private:
  JwsKey(JwsAlgorithm algorithm, std::string kid)
      : algorithm_(algorithm), kid_(std::move(kid)) {}

  JwsAlgorithm algorithm_;
  std::string kid_;
  std::string secret_;             // Of HS256.
  std::shared_ptr<EVP_PKEY> key_;  // Of the others; copies share it.
};

using JwsKeys = std::vector<JwsKey>;

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWS_KEY_H_
