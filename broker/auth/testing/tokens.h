#ifndef AERIE_BROKER_AUTH_TESTING_TOKENS_H_
#define AERIE_BROKER_AUTH_TESTING_TOKENS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "broker/auth/jws_algorithm.h"
#include "broker/auth/jws_key.h"

namespace aerie::broker {

std::string Base64Url(absl::string_view bytes);

// The other side: who issues tokens. One thread.
class Issuer {
 public:
  // With a new key pair.
  explicit Issuer(JwsAlgorithm algorithm, std::string kid = "");
  // For HS256.
  Issuer(std::string secret, std::string kid);

  // A token with these claims (JSON).
  std::string Token(absl::string_view claims) const;
  // With this header (JSON) as well, whatever it says.
  std::string Token(absl::string_view header, absl::string_view claims) const;

  // The public key: `BEGIN PUBLIC KEY`.
  std::string Pem() const;
  // The same, or the secret, as an element of a JWKS.
  std::string Jwk() const;
  // What checks these tokens.
  JwsKey Key() const;

 private:
  std::string Sign(absl::string_view text) const;

  const JwsAlgorithm algorithm_;
  const std::string kid_;
  std::string secret_;
  EvpKey key_;
};

// `{"keys":[...]}` in a file of the test's own, whose name it returns.
std::string WriteJwks(const std::string& name, absl::string_view keys);
std::string WriteTestFile(const std::string& name, absl::string_view text);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_TESTING_TOKENS_H_
