#include "broker/auth/service_credentials.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file_signature.h"
#include "common/log.h"
#include "common/rpc/bearer_token.h"
#include "common/rpc/status.h"

namespace aerie::broker {
namespace {

constexpr int64_t kLookMs = 1'000;
// What comes before a token (RFC 6750, section 2.1); in any case.
constexpr absl::string_view kBearer = "bearer ";

std::array<uint8_t, 32> Digest(absl::string_view text) {
  std::array<uint8_t, 32> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest.data());
  return digest;
}

absl::StatusOr<std::string> Read(const ServiceTokenOptions& options) {
  if (!options.token_file.empty())
    return rpc::ReadTokenFile(options.token_file);
  if (!options.token_env.empty()) {
    return rpc::ReadTokenVariable(options.token_env);
  }
  return rpc::TakeToken(options.token, "token");
}

// The error of one token or certificate, by its name.
absl::Status Of(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("`", name, "`: ", status.message()));
}

absl::StatusOr<ScopeSet> ScopesOf(const std::vector<std::string>& names) {
  ScopeSet scopes;
  for (const std::string& name : names) {
    const absl::StatusOr<Scope> scope = ParseScope(name);
    if (!scope.ok()) return scope.status();
    scopes.Add(*scope);
  }
  return scopes;
}

absl::Status NoCredentials(absl::string_view what, Scope scope) {
  return rpc::WithReason(
      absl::UnauthenticatedError(absl::StrCat(
          what, ": the scope `", ScopeName(scope),
          "` needs the metadata `authorization: Bearer TOKEN`, or a client "
          "certificate")),
      "UNAUTHENTICATED");
}

absl::Status ScopeMissing(absl::string_view name, Scope scope) {
  return rpc::WithReason(
      absl::PermissionDeniedError(absl::StrCat("`", name, "` lacks the scope `",
                                               ScopeName(scope), "`")),
      "SCOPE_MISSING");
}

}  // namespace

ServiceCredentials::ServiceCredentials(const ServicesOptions& options,
                                       const Clock& clock, Metrics& metrics)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      next_look_ms_(clock.NowMs() + kLookMs) {}

absl::StatusOr<std::unique_ptr<ServiceCredentials>> ServiceCredentials::Create(
    const ServicesOptions& options, const Clock& clock, Metrics& metrics) {
  std::unique_ptr<ServiceCredentials> credentials(
      new ServiceCredentials(options, clock, metrics));
  absl::StatusOr<std::vector<Certificate>> certificates =
      LoadCertificates(options);
  if (!certificates.ok()) return certificates.status();
  credentials->certificates_ = *std::move(certificates);
  credentials->signatures_ = credentials->Signatures();
  absl::StatusOr<Tokens> tokens = LoadTokens(options);
  if (!tokens.ok()) return tokens.status();
  credentials->tokens_ = std::make_shared<const Tokens>(*std::move(tokens));
  return credentials;
}

absl::Status ServiceCredentials::CheckToken(
    const ServiceTokenOptions& options) {
  return Read(options).status();
}

absl::StatusOr<std::vector<ServiceCredentials::Certificate>>
ServiceCredentials::LoadCertificates(const ServicesOptions& options) {
  std::vector<Certificate> certificates;
  for (const ServiceCertificateOptions& one : options.certificates) {
    const absl::StatusOr<ScopeSet> scopes = ScopesOf(one.scopes);
    if (!scopes.ok()) return Of(one.name, scopes.status());
    certificates.push_back({one.name, *scopes});
  }
  return certificates;
}

absl::StatusOr<ServiceCredentials::Tokens> ServiceCredentials::LoadTokens(
    const ServicesOptions& options) {
  Tokens tokens;
  for (const ServiceTokenOptions& one : options.tokens) {
    const absl::StatusOr<ScopeSet> scopes = ScopesOf(one.scopes);
    if (!scopes.ok()) return Of(one.name, scopes.status());
    const absl::StatusOr<std::string> token = Read(one);
    if (!token.ok()) return Of(one.name, token.status());
    tokens.push_back({Digest(*token), one.name, *scopes});
  }
  return tokens;
}

std::string ServiceCredentials::Signatures() const {
  std::string signatures;
  for (const ServiceTokenOptions& options : options_.tokens) {
    if (options.token_file.empty()) continue;
    absl::StrAppend(&signatures, FileSignature(options.token_file), "\n");
  }
  return signatures;
}

// One thread looks, the others go on with what there is.
void ServiceCredentials::LookAtFiles() {
  if (clock_.NowMs() < next_look_ms_ || looking_.exchange(true)) return;
  next_look_ms_ = clock_.NowMs() + kLookMs;
  std::string signatures = Signatures();
  if (signatures != signatures_) {
    signatures_ = std::move(signatures);
    absl::StatusOr<Tokens> tokens = LoadTokens(options_);
    if (tokens.ok()) {
      log::Info("service tokens reloaded", {{"tokens", tokens->size()}});
      metrics_.service_token_reloads.Increment();
      std::atomic_store(&tokens_,
                        std::make_shared<const Tokens>(*std::move(tokens)));
    } else {
      log::Error("service tokens not reloaded",
                 {{"reason", tokens.status().message()}});
      metrics_.service_token_reload_errors.Increment();
    }
  }
  looking_ = false;
}

absl::Status ServiceCredentials::Check(const Shown& shown, Scope scope) {
  if (none()) return absl::OkStatus();
  if (!shown.authorization.empty()) {
    if (!absl::StartsWithIgnoreCase(shown.authorization, kBearer)) {
      return NoCredentials("authorization of an unknown scheme", scope);
    }
    return CheckShown(
        absl::StripAsciiWhitespace(shown.authorization.substr(kBearer.size())),
        scope);
  }
  const Certificate* known = nullptr;
  for (const Certificate& certificate : certificates_) {
    for (const std::string& name : shown.names) {
      if (name != certificate.name) continue;
      if (certificate.scopes.Has(scope)) return absl::OkStatus();
      known = &certificate;
    }
  }
  if (known != nullptr) return ScopeMissing(known->name, scope);
  return NoCredentials(
      shown.names.empty() ? "no credentials" : "unknown client certificate",
      scope);
}

absl::Status ServiceCredentials::CheckShown(absl::string_view token,
                                            Scope scope) {
  LookAtFiles();
  const std::array<uint8_t, 32> digest = Digest(token);
  const std::shared_ptr<const Tokens> tokens = std::atomic_load(&tokens_);
  const Token* known = nullptr;
  for (const Token& one : *tokens) {
    if (CRYPTO_memcmp(one.digest.data(), digest.data(), digest.size()) != 0) {
      continue;
    }
    if (one.scopes.Has(scope)) return absl::OkStatus();
    known = &one;
  }
  return known == nullptr ? NoCredentials("unknown token", scope)
                          : ScopeMissing(known->name, scope);
}

}  // namespace aerie::broker
