#include "broker/auth/resume_blob.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/auth/resume_record.pb.h"

namespace aerie::broker {
namespace {

constexpr char kVersion = 1;
constexpr size_t kMacBytes = 32;
constexpr size_t kHeaderBytes = 1 + kMacBytes;

// Of the version and the record.
std::string Mac(const std::string& key, absl::string_view record) {
  const std::string signed_bytes =
      absl::StrCat(absl::string_view(&kVersion, 1), record);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int bytes = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(signed_bytes.data()),
           signed_bytes.size(), mac, &bytes);
  if (done == nullptr) return std::string();
  return std::string(reinterpret_cast<const char*>(mac), bytes);
}

bool Equal(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Write(const Grant& grant, GrantRecord* record) {
  *record->mutable_topics() = {grant.topics.begin(), grant.topics.end()};
  *record->mutable_prefixes() = {grant.prefixes.begin(), grant.prefixes.end()};
  if (grant.expires != absl::InfiniteFuture()) {
    record->set_expires_ms(absl::ToUnixMillis(grant.expires));
  }
}

GrantPtr Read(const GrantRecord& record) {
  Grant grant;
  grant.topics.assign(record.topics().begin(), record.topics().end());
  grant.prefixes.assign(record.prefixes().begin(), record.prefixes().end());
  if (record.has_expires_ms()) {
    grant.expires = absl::FromUnixMillis(record.expires_ms());
  }
  return std::make_shared<const Grant>(std::move(grant));
}

absl::StatusOr<std::string> RandomKey() {
  std::string key(ResumeBlobs::kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()),
                 static_cast<int>(key.size())) != 1) {
    return absl::InternalError("no random bytes for the resume key");
  }
  return key;
}

}  // namespace

ResumeBlobs::ResumeBlobs(std::vector<std::string> keys, absl::Duration ttl,
                         uint32_t bytes_max)
    : keys_(std::move(keys)), ttl_(ttl), bytes_max_(bytes_max) {}

absl::StatusOr<std::vector<std::string>> ResumeBlobs::LoadKeys(
    const std::string& file) {
  std::vector<std::string> keys;
  if (file.empty()) {
    absl::StatusOr<std::string> key = RandomKey();
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
    return keys;
  }
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty()) continue;
    std::string key;
    if (!absl::Base64Unescape(text, &key) || key.size() != kKeyBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ":", number, ": expected ", kKeyBytes, " bytes in base64"));
    }
    keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": no key in it"));
  }
  return keys;
}

absl::StatusOr<std::string> ResumeBlobs::Seal(const ResumeFields& fields,
                                              absl::Time now) const {
  ResumeRecord record;
  record.set_expires(static_cast<uint64_t>(absl::ToUnixSeconds(now + ttl_)));
  record.set_socket_id(fields.socket_id);
  record.set_assigns(fields.assigns);
  record.set_second_join_is_an_event(!fields.policy.second_join_replaces);
  record.set_topics_max(fields.policy.topics_max);
  record.set_close_after_terminate(fields.policy.close_after_terminate);
  record.set_dialect(fields.dialect);
  record.set_transport(fields.transport);
  if (fields.grant != nullptr) Write(*fields.grant, record.mutable_grant());
  if (kHeaderBytes + record.ByteSizeLong() > bytes_max_) {
    return absl::ResourceExhaustedError(
        "socket id, assigns and topics are too large");
  }
  const std::string bytes = record.SerializeAsString();
  const std::string mac = Mac(keys_.front(), bytes);
  if (mac.size() != kMacBytes) return absl::InternalError("HMAC failed");
  return absl::StrCat(absl::string_view(&kVersion, 1), mac, bytes);
}

absl::StatusOr<ResumeFields> ResumeBlobs::Open(absl::string_view blob,
                                               absl::Time now) const {
  const absl::Status stranger =
      absl::UnauthenticatedError("no key of this broker has sealed the blob");
  if (blob.size() < kHeaderBytes || blob.size() > bytes_max_ ||
      blob[0] != kVersion) {
    return stranger;
  }
  const absl::string_view mac = blob.substr(1, kMacBytes);
  const absl::string_view bytes = blob.substr(kHeaderBytes);
  bool known = false;
  for (const std::string& key : keys_) known |= Equal(Mac(key, bytes), mac);
  ResumeRecord record;
  if (!known ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return stranger;
  }
  if (absl::ToUnixSeconds(now) >= static_cast<int64_t>(record.expires())) {
    return absl::DeadlineExceededError("the blob has expired");
  }
  return ResumeFields{
      .socket_id = record.socket_id(),
      .assigns = record.assigns(),
      .policy = {.second_join_replaces = !record.second_join_is_an_event(),
                 .topics_max = record.topics_max(),
                 .close_after_terminate = record.close_after_terminate()},
      .grant = record.has_grant() ? Read(record.grant()) : nullptr,
      .dialect = static_cast<v1::Dialect>(record.dialect()),
      .transport = static_cast<v1::Transport>(record.transport())};
}

}  // namespace aerie::broker
