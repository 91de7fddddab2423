#include "broker/auth/testing/tokens.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

constexpr size_t kP256Bytes = 32;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* NewKey(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::kRs256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
    case JwsAlgorithm::kEs256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case JwsAlgorithm::kEdDsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case JwsAlgorithm::kHs256:
      break;
  }
  std::abort();
}

std::string Number(const EVP_PKEY* key, const char* name, size_t bytes) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string text(
      bytes == 0 ? static_cast<size_t>(BN_num_bytes(number)) : bytes, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
               static_cast<int>(text.size()));
  BN_free(number);
  return Base64Url(text);
}

// r and s from OpenSSL's DER.
std::string Raw(absl::string_view der) {
  const unsigned char* in = Bytes(der);
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
  std::string raw(2 * kP256Bytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, int{kP256Bytes});
  BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + kP256Bytes, int{kP256Bytes});
  ECDSA_SIG_free(parts);
  return raw;
}

}  // namespace

std::string Base64Url(absl::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

Issuer::Issuer(JwsAlgorithm algorithm, std::string kid)
    : algorithm_(algorithm), kid_(std::move(kid)), key_(NewKey(algorithm)) {}

Issuer::Issuer(std::string secret, std::string kid)
    : algorithm_(JwsAlgorithm::kHs256),
      kid_(std::move(kid)),
      secret_(std::move(secret)) {}

std::string Issuer::Token(absl::string_view claims) const {
  const std::string kid =
      kid_.empty() ? "" : absl::StrCat(R"(,"kid":")", kid_, "\"");
  return Token(absl::StrCat(R"({"alg":")", JwsAlgorithmName(algorithm_),
                            R"(","typ":"JWT")", kid, "}"),
               claims);
}

std::string Issuer::Token(absl::string_view header,
                          absl::string_view claims) const {
  const std::string text =
      absl::StrCat(Base64Url(header), ".", Base64Url(claims));
  return absl::StrCat(text, ".", Base64Url(Sign(text)));
}

std::string Issuer::Pem() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string Issuer::Jwk() const {
  const std::string kid =
      kid_.empty() ? "" : absl::StrCat(R"(,"kid":")", kid_, "\"");
  switch (algorithm_) {
    case JwsAlgorithm::kHs256:
      return absl::StrCat(R"({"kty":"oct","k":")", Base64Url(secret_), "\"",
                          kid, "}");
    case JwsAlgorithm::kRs256:
      return absl::StrCat(R"({"kty":"RSA","n":")",
                          Number(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0),
                          R"(","e":"AQAB")", kid, "}");
    case JwsAlgorithm::kEs256:
      return absl::StrCat(
          R"({"kty":"EC","crv":"P-256","x":")",
          Number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes),
          R"(","y":")",
          Number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes), "\"", kid,
          "}");
    case JwsAlgorithm::kEdDsa: {
      unsigned char raw[32];
      size_t size = sizeof(raw);
      EVP_PKEY_get_raw_public_key(key_.get(), raw, &size);
      return absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","x":")",
                          Base64Url({reinterpret_cast<const char*>(raw), size}),
                          "\"", kid, "}");
    }
  }
  return "";
}

JwsKey Issuer::Key() const {
  return algorithm_ == JwsAlgorithm::kHs256
             ? JwsKey::FromSecret(secret_, kid_).value()
             : JwsKey::FromPem(algorithm_, Pem(), kid_).value();
}

std::string Issuer::Sign(absl::string_view text) const {
  unsigned char out[512];
  if (algorithm_ == JwsAlgorithm::kHs256) {
    unsigned int bytes = 0;
    HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
         Bytes(text), text.size(), out, &bytes);
    return std::string(reinterpret_cast<const char*>(out), bytes);
  }
  const EVP_MD* const digest =
      algorithm_ == JwsAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  size_t bytes = sizeof(out);
  EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get());
  EXPECT_EQ(EVP_DigestSign(context, out, &bytes, Bytes(text), text.size()), 1);
  EVP_MD_CTX_free(context);
  const absl::string_view signature(reinterpret_cast<const char*>(out), bytes);
  return algorithm_ == JwsAlgorithm::kEs256 ? Raw(signature)
                                            : std::string(signature);
}

std::string WriteTestFile(const std::string& name, absl::string_view text) {
  std::string file = ::testing::TempDir() + "/" + name;
  std::ofstream(file) << text;
  return file;
}

std::string WriteJwks(const std::string& name, absl::string_view keys) {
  return WriteTestFile(name, absl::StrCat(R"({"keys":[)", keys, "]}"));
}

}  // namespace aerie::broker
