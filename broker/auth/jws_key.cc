#include "broker/auth/jws_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace aerie::broker {
namespace {

constexpr size_t kSecretBytesMin = 32;
constexpr int kRsaBitsMin = 2048;
constexpr size_t kP256Bytes = 32;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Bignum = std::unique_ptr<BIGNUM, Free<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using EvpContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool IsP256(const EVP_PKEY* key) {
  char group[64];
  size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
         absl::string_view(group, size) == "prime256v1";
}

absl::Status Check(JwsAlgorithm algorithm, const EVP_PKEY* key) {
  switch (algorithm) {
    case JwsAlgorithm::kHs256:
      return absl::InvalidArgumentError("HS256 needs a secret, not a file");
    case JwsAlgorithm::kRs256:
      if (EVP_PKEY_is_a(key, "RSA") != 1) {
        return absl::InvalidArgumentError("RS256 needs an RSA key");
      }
      if (EVP_PKEY_get_bits(key) < kRsaBitsMin) {
        return absl::InvalidArgumentError(absl::StrCat(
            "RS256 needs a key of ", kRsaBitsMin, " bits or more"));
      }
      return absl::OkStatus();
    case JwsAlgorithm::kEs256:
      if (IsP256(key)) return absl::OkStatus();
      return absl::InvalidArgumentError("ES256 needs a key on P-256");
    case JwsAlgorithm::kEdDsa:
      if (EVP_PKEY_is_a(key, "ED25519") == 1) return absl::OkStatus();
      return absl::InvalidArgumentError("EdDSA needs an Ed25519 key");
  }
  return absl::InternalError("no such algorithm");
}

bool VerifyHmac(absl::string_view secret, absl::string_view text,
                absl::string_view signature) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  return HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
              Bytes(text), text.size(), mac, &size) != nullptr &&
         size == signature.size() &&
         CRYPTO_memcmp(mac, signature.data(), size) == 0;
}

// RFC 7518 section 3.4 writes r and s one behind the other, OpenSSL wants DER.
absl::optional<std::string> EcdsaDer(absl::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return absl::nullopt;
  Bignum r(BN_bin2bn(Bytes(signature), kP256Bytes, nullptr));
  Bignum s(BN_bin2bn(Bytes(signature.substr(kP256Bytes)), kP256Bytes, nullptr));
  const EcdsaSignature parts(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || parts == nullptr ||
      ECDSA_SIG_set0(parts.get(), r.get(), s.get()) != 1) {
    return absl::nullopt;
  }
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  if (size <= 0) return absl::nullopt;
  std::string bytes(reinterpret_cast<const char*>(der),
                    static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

bool VerifyDigest(const EVP_MD* digest, EVP_PKEY* key, absl::string_view text,
                  absl::string_view signature) {
  const EvpContext context(EVP_MD_CTX_new());
  const bool valid =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(text), text.size()) == 1;
  if (!valid) ERR_clear_error();
  return valid;
}

}  // namespace

absl::StatusOr<JwsKey> JwsKey::FromSecret(std::string secret, std::string kid) {
  if (absl::StrContains(secret, "-----BEGIN ")) {
    return absl::InvalidArgumentError("a PEM file is no secret");
  }
  if (secret.size() < kSecretBytesMin) {
    return absl::InvalidArgumentError(absl::StrCat(
        "HS256 needs a secret of ", kSecretBytesMin, " bytes or more"));
  }
  JwsKey key(JwsAlgorithm::kHs256, std::move(kid));
  key.secret_ = std::move(secret);
  return key;
}

absl::StatusOr<JwsKey> JwsKey::FromPem(JwsAlgorithm algorithm,
                                       absl::string_view pem, std::string kid) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EvpKey key;
  if (bio != nullptr) {
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  }
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "expected a public key (PEM, `BEGIN PUBLIC KEY`)");
  }
  return FromPublicKey(algorithm, std::move(key), std::move(kid));
}

absl::StatusOr<JwsKey> JwsKey::FromPublicKey(JwsAlgorithm algorithm, EvpKey key,
                                             std::string kid) {
  const absl::Status status = Check(algorithm, key.get());
  ERR_clear_error();
  if (!status.ok()) return status;
  JwsKey made(algorithm, std::move(kid));
  made.key_ = std::move(key);
  return made;
}

bool JwsKey::Verify(absl::string_view text, absl::string_view signature) const {
  switch (algorithm_) {
    case JwsAlgorithm::kHs256:
      return VerifyHmac(secret_, text, signature);
    case JwsAlgorithm::kRs256:
      return VerifyDigest(EVP_sha256(), key_.get(), text, signature);
    case JwsAlgorithm::kEs256: {
      const absl::optional<std::string> der = EcdsaDer(signature);
      return der.has_value() &&
             VerifyDigest(EVP_sha256(), key_.get(), text, *der);
    }
    case JwsAlgorithm::kEdDsa:
      return VerifyDigest(nullptr, key_.get(), text, signature);
  }
  return false;
}

}  // namespace aerie::broker
