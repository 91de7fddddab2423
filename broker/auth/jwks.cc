#include "broker/auth/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "broker/auth/base64url.h"
#include "broker/auth/strict_json.h"

namespace aerie::broker {
namespace {

using nlohmann::json;

constexpr size_t kP256Bytes = 32;
constexpr size_t kEd25519Bytes = 32;
// An uncompressed point begins so.
constexpr char kUncompressed = 4;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Free<BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The bytes of a member in base64url.
absl::optional<std::string> Member(const json& jwk, const char* name) {
  const std::string* const text = FindText(jwk, name);
  return text == nullptr ? absl::nullopt : DecodeBase64Url(*text);
}

bool Is(const json& jwk, const char* name, absl::string_view value) {
  const std::string* const text = FindText(jwk, name);
  return text != nullptr && *text == value;
}

EvpKey Make(const char* type, const ParamBuilder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr ||
      EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        params.get()) != 1) {
    return nullptr;
  }
  return EvpKey(key);
}

EvpKey MakeRsa(const json& jwk) {
  const absl::optional<std::string> modulus = Member(jwk, "n");
  const absl::optional<std::string> exponent = Member(jwk, "e");
  if (!modulus.has_value() || !exponent.has_value()) return nullptr;
  const Bignum n(
      BN_bin2bn(Bytes(*modulus), static_cast<int>(modulus->size()), nullptr));
  const Bignum e(
      BN_bin2bn(Bytes(*exponent), static_cast<int>(exponent->size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) !=
          1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) !=
          1) {
    return nullptr;
  }
  return Make("RSA", builder);
}

// OpenSSL refuses a point that is not on the curve.
EvpKey MakeEc(const json& jwk) {
  const absl::optional<std::string> x = Member(jwk, "x");
  const absl::optional<std::string> y = Member(jwk, "y");
  if (!Is(jwk, "crv", "P-256") || !x.has_value() || !y.has_value() ||
      x->size() != kP256Bytes || y->size() != kP256Bytes) {
    return nullptr;
  }
  const std::string point =
      absl::StrCat(absl::string_view(&kUncompressed, 1), *x, *y);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       point.data(), point.size()) != 1) {
    return nullptr;
  }
  return Make("EC", builder);
}

EvpKey MakeEd25519(const json& jwk) {
  const absl::optional<std::string> x = Member(jwk, "x");
  if (!Is(jwk, "crv", "Ed25519") || !x.has_value() ||
      x->size() != kEd25519Bytes) {
    return nullptr;
  }
  return EvpKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                            Bytes(*x), x->size()));
}

absl::optional<JwsAlgorithm> AlgorithmOf(const json& jwk) {
  if (Is(jwk, "kty", "RSA")) return JwsAlgorithm::kRs256;
  if (Is(jwk, "kty", "EC")) return JwsAlgorithm::kEs256;
  if (Is(jwk, "kty", "OKP")) return JwsAlgorithm::kEdDsa;
  if (Is(jwk, "kty", "oct")) return JwsAlgorithm::kHs256;
  return absl::nullopt;
}

// Sections 4.2 and 4.3.
bool ForSignatures(const json& jwk) {
  if (jwk.contains("use") && !Is(jwk, "use", "sig")) return false;
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() &&
          std::find(operations->begin(), operations->end(), json("verify")) !=
              operations->end());
}

absl::StatusOr<JwsKey> FromJwk(const json& jwk) {
  if (!jwk.is_object()) return absl::InvalidArgumentError("no object");
  const absl::optional<JwsAlgorithm> algorithm = AlgorithmOf(jwk);
  if (!algorithm.has_value()) {
    return absl::InvalidArgumentError("a kty that is not known");
  }
  if (!ForSignatures(jwk)) {
    return absl::InvalidArgumentError("not for signatures");
  }
  if (jwk.contains("alg") && !Is(jwk, "alg", JwsAlgorithmName(*algorithm))) {
    return absl::InvalidArgumentError("an alg that is not known for its kty");
  }
  const std::string* const kid = FindText(jwk, "kid");
  if (kid == nullptr && jwk.contains("kid")) {
    return absl::InvalidArgumentError("a kid that is no text");
  }
  std::string name = kid == nullptr ? std::string() : *kid;
  if (*algorithm == JwsAlgorithm::kHs256) {
    absl::optional<std::string> secret = Member(jwk, "k");
    return JwsKey::FromSecret(std::move(secret).value_or(""), std::move(name));
  }
  EvpKey key = *algorithm == JwsAlgorithm::kRs256   ? MakeRsa(jwk)
               : *algorithm == JwsAlgorithm::kEs256 ? MakeEc(jwk)
                                                    : MakeEd25519(jwk);
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("a key that is broken");
  return JwsKey::FromPublicKey(*algorithm, std::move(key), std::move(name));
}

}  // namespace

absl::StatusOr<Jwks> ParseJwks(absl::string_view text, uint32_t keys_max) {
  const absl::optional<json> set = ParseJsonObject(text);
  if (!set.has_value() || !set->contains("keys") ||
      !set->at("keys").is_array()) {
    return absl::InvalidArgumentError("expected a JSON object with `keys`");
  }
  const json& listed = set->at("keys");
  if (listed.size() > keys_max) {
    return absl::InvalidArgumentError(
        absl::StrCat(listed.size(), " keys, at most ", keys_max));
  }
  Jwks jwks;
  for (size_t i = 0; i < listed.size(); ++i) {
    absl::StatusOr<JwsKey> key = FromJwk(listed[i]);
    if (key.ok()) {
      jwks.keys.push_back(*std::move(key));
    } else {
      jwks.skipped.push_back(
          absl::StrCat("keys[", i, "]: ", key.status().message()));
    }
  }
  if (!jwks.keys.empty()) return jwks;
  return absl::InvalidArgumentError(
      jwks.skipped.empty() ? "no key in it"
                           : absl::StrCat("no key to use: ", jwks.skipped[0]));
}

}  // namespace aerie::broker
