#include "broker/poll/poll_tokens.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "broker/shard/stable_hash.h"

namespace aerie::broker {
namespace {

constexpr char kVersion = 1;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
// Broker, session, seconds since 1970.
constexpr size_t kFieldsBytes = 8 + 8 + 4;
constexpr size_t kFieldsAt = 1 + kNonceBytes;
constexpr size_t kTagAt = kFieldsAt + kFieldsBytes;
constexpr size_t kSealedBytes = kTagAt + kTagBytes;
using Sealed = std::array<unsigned char, kSealedBytes>;
using Fields = std::array<unsigned char, kFieldsBytes>;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// The keys have another use as well.
std::string Derive(const std::string& key) {
  constexpr absl::string_view kUse = "aerie long poll token";
  std::array<unsigned char, 32> derived = {};
  unsigned int bytes = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(kUse.data()), kUse.size(),
       derived.data(), &bytes);
  return std::string(reinterpret_cast<const char*>(derived.data()), bytes);
}

// Most significant byte first.
void Store(uint64_t value, size_t bytes, unsigned char* to) {
  for (size_t i = bytes; i-- > 0; value >>= 8) {
    to[i] = static_cast<unsigned char>(value & 0xff);
  }
}

uint64_t Load(const unsigned char* from, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | from[i];
  return value;
}

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Version and nonce of `sealed` are in place.
bool Encrypt(const std::string& key, const Fields& fields, Sealed& sealed) {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  return cipher != nullptr &&
         EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                            Bytes(key), &sealed[1]) == 1 &&
         EVP_EncryptUpdate(cipher.get(), nullptr, &size, sealed.data(), 1) ==
             1 &&
         EVP_EncryptUpdate(cipher.get(), &sealed[kFieldsAt], &size,
                           fields.data(), kFieldsBytes) == 1 &&
         EVP_EncryptFinal_ex(cipher.get(), &sealed[kTagAt], &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                             &sealed[kTagAt]) == 1;
}

bool Decrypt(const std::string& key, Sealed sealed, Fields& fields) {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  return cipher != nullptr &&
         EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                            Bytes(key), &sealed[1]) == 1 &&
         EVP_DecryptUpdate(cipher.get(), nullptr, &size, sealed.data(), 1) ==
             1 &&
         EVP_DecryptUpdate(cipher.get(), fields.data(), &size,
                           &sealed[kFieldsAt], kFieldsBytes) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                             &sealed[kTagAt]) == 1 &&
         EVP_DecryptFinal_ex(cipher.get(), fields.data() + kFieldsBytes,
                             &size) == 1;
}

}  // namespace

PollTokens::PollTokens(const std::vector<std::string>& keys,
                       absl::string_view broker)
    : broker_(StableHash(broker)) {
  keys_.reserve(keys.size());
  for (const std::string& key : keys) keys_.push_back(Derive(key));
}

absl::StatusOr<std::string> PollTokens::Seal(uint64_t session,
                                             absl::Time now) const {
  Fields fields;
  Store(broker_, 8, fields.data());
  Store(session, 8, &fields[8]);
  Store(static_cast<uint64_t>(absl::ToUnixSeconds(now)), 4, &fields[16]);
  Sealed sealed = {};
  sealed[0] = kVersion;
  if (RAND_bytes(&sealed[1], kNonceBytes) != 1 ||
      !Encrypt(keys_.front(), fields, sealed)) {
    return absl::InternalError("a token could not be sealed");
  }
  return absl::WebSafeBase64Escape(absl::string_view(
      reinterpret_cast<const char*>(sealed.data()), sealed.size()));
}

absl::StatusOr<uint64_t> PollTokens::Open(absl::string_view token,
                                          absl::Time now) const {
  const absl::Status stranger =
      absl::UnauthenticatedError("no key of this broker has sealed the token");
  std::string bytes;
  Sealed sealed;
  if (token.size() > 2 * kSealedBytes ||
      !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() != sealed.size() || bytes[0] != kVersion ||
      // Bits of the last character that carry nothing are nought.
      absl::WebSafeBase64Escape(bytes) != token) {
    return stranger;
  }
  std::memcpy(sealed.data(), bytes.data(), sealed.size());
  Fields fields;
  for (const std::string& key : keys_) {
    if (!Decrypt(key, sealed, fields)) continue;
    const absl::Time since =
        absl::FromUnixSeconds(static_cast<int64_t>(Load(&fields[16], 4)));
    if (now - since > kAgeMax) {
      return absl::DeadlineExceededError("the token is too old");
    }
    if (Load(fields.data(), 8) != broker_) {
      return absl::NotFoundError("the session is another broker's");
    }
    return Load(&fields[8], 8);
  }
  return stranger;
}

}  // namespace aerie::broker
