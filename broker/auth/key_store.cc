#include "broker/auth/key_store.h"

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/auth/jwks.h"
#include "common/file_signature.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

constexpr int64_t kLookEveryMs = 1'000;

absl::StatusOr<std::string> ReadFile(const std::string& file,
                                     uint32_t bytes_max) {
  std::ifstream in(file, std::ios::binary);
  std::string text(size_t{bytes_max} + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) {
    return absl::NotFoundError(absl::StrCat("cannot read ", file));
  }
  if (text.size() > bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": more than ", bytes_max, " bytes"));
  }
  return text;
}

absl::StatusOr<JwsKey> Secret(std::string secret, const std::string& kid,
                              JwsAlgorithm algorithm) {
  if (algorithm != JwsAlgorithm::kHs256) {
    return absl::InvalidArgumentError(absl::StrCat(
        JwsAlgorithmName(algorithm), " needs a public key, not a secret"));
  }
  if (!secret.empty() && secret.back() == '\n') secret.pop_back();
  return JwsKey::FromSecret(std::move(secret), kid);
}

absl::StatusOr<JwsKey> Configured(const JwtKeyOptions& options,
                                  uint32_t bytes_max) {
  if (!options.secret_env.empty()) {
    const char* const secret = std::getenv(options.secret_env.c_str());
    if (secret == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("there is no variable ", options.secret_env));
    }
    return Secret(secret, options.kid, options.algorithm);
  }
  const bool secret = !options.secret_file.empty();
  absl::StatusOr<std::string> text =
      ReadFile(secret ? options.secret_file : options.file, bytes_max);
  if (!text.ok()) return text.status();
  return secret ? Secret(*std::move(text), options.kid, options.algorithm)
                : JwsKey::FromPem(options.algorithm, *text, options.kid);
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyStore>> KeyStore::Create(
    const JwtOptions& options, const Limits& limits, const Clock& clock,
    Metrics& metrics) {
  JwsKeys configured;
  for (size_t i = 0; i < options.keys.size(); ++i) {
    absl::StatusOr<JwsKey> key =
        Configured(options.keys[i], limits.jwks_bytes_max);
    if (!key.ok()) {
      return absl::Status(
          key.status().code(),
          absl::StrCat("keys[", i, "]: ", key.status().message()));
    }
    configured.push_back(*std::move(key));
  }
  std::unique_ptr<KeyStore> store(new KeyStore(
      std::move(configured), options.jwks_file, limits, clock, metrics));
  const absl::Status status = store->Load();
  if (!status.ok()) return status;
  return store;
}

KeyStore::KeyStore(JwsKeys configured, std::string file, const Limits& limits,
                   const Clock& clock, Metrics& metrics)
    : configured_(std::move(configured)),
      file_(std::move(file)),
      limits_(limits),
      clock_(clock),
      metrics_(metrics),
      next_look_ms_(clock.NowMs() + kLookEveryMs) {}

std::shared_ptr<const JwsKeys> KeyStore::Keys() {
  if (!file_.empty()) LookAtFile();
  return std::atomic_load(&keys_);
}

void KeyStore::LookAtFile() {
  const int64_t now_ms = clock_.NowMs();
  if (now_ms < next_look_ms_ || looking_.exchange(true)) return;
  next_look_ms_ = now_ms + kLookEveryMs;
  if (FileSignature(file_) != signature_) {
    const absl::Status status = Load();
    if (status.ok()) {
      metrics_.jwks_reloads.Increment();
      log::Info("jwks reloaded", {{"keys", std::atomic_load(&keys_)->size()}});
    } else {
      metrics_.jwks_reload_errors.Increment();
      log::Error("jwks not usable", {{"reason", status.message()}});
    }
  }
  looking_ = false;
}

// The signature is that of before: a file that changes meanwhile is read again.
absl::Status KeyStore::Load() {
  auto keys = std::make_shared<JwsKeys>(configured_);
  if (!file_.empty()) {
    signature_ = FileSignature(file_);
    const absl::StatusOr<std::string> text =
        ReadFile(file_, limits_.jwks_bytes_max);
    if (!text.ok()) return text.status();
    const absl::StatusOr<Jwks> jwks = ParseJwks(*text, limits_.jwks_keys_max);
    if (!jwks.ok()) {
      return absl::Status(jwks.status().code(),
                          absl::StrCat(file_, ": ", jwks.status().message()));
    }
    for (const std::string& skipped : jwks->skipped) {
      log::Warning("jwk skipped", {{"key", skipped}});
    }
    keys->insert(keys->end(), jwks->keys.begin(), jwks->keys.end());
  }
  std::atomic_store(&keys_, std::shared_ptr<const JwsKeys>(std::move(keys)));
  return absl::OkStatus();
}

}  // namespace aerie::broker
