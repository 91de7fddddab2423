#ifndef AERIE_BROKER_AUTH_SERVICE_CREDENTIALS_H_
#define AERIE_BROKER_AUTH_SERVICE_CREDENTIALS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "broker/auth/scope.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "common/clock.h"

namespace aerie::broker {

// Who may call the broker's gRPC services, and for what: bearer tokens and
// names in client certificates, each with its scopes. Files of tokens are read
// again when they change; what can't be used then is logged and counted, and
// the old tokens stay. Any thread.
class ServiceCredentials {
 public:
  // INVALID_ARGUMENT or NOT_FOUND says what can't be used.
  static absl::StatusOr<std::unique_ptr<ServiceCredentials>> Create(
      const ServicesOptions& options, const Clock& clock, Metrics& metrics);

  // What Create would say of a token, without its name.
  static absl::Status CheckToken(const ServiceTokenOptions& options);

  // Whether there are none: then nobody is asked for any.
  bool none() const { return options_.tokens.empty() && certificates_.empty(); }

  // What a call shows: the metadata `authorization` (RFC 6750, section 2.1;
  // empty for none), and the names in its client's certificate, if that has
  // been verified.
  struct Shown {
    absl::string_view authorization;
    absl::Span<const std::string> names;
  };
  // OK; UNAUTHENTICATED without credentials, or with unknown ones;
  // PERMISSION_DENIED for known ones without the scope. A token decides alone:
  // an unknown one is refused whatever the certificate says.
  absl::Status Check(const Shown& shown, Scope scope);

 private:
  struct Token {
    std::array<uint8_t, 32> digest;  // SHA-256: compared in constant time.
    std::string name;
    ScopeSet scopes;
  };
  using Tokens = std::vector<Token>;
  struct Certificate {
    std::string name;
    ScopeSet scopes;
  };

  ServiceCredentials(const ServicesOptions& options, const Clock& clock,
                     Metrics& metrics);

  static absl::StatusOr<Tokens> LoadTokens(const ServicesOptions& options);
  static absl::StatusOr<std::vector<Certificate>> LoadCertificates(
      const ServicesOptions& options);
  void LookAtFiles();
  std::string Signatures() const;
  absl::Status CheckShown(absl::string_view token, Scope scope);

  const ServicesOptions options_;
  const Clock& clock_;
  Metrics& metrics_;
  std::vector<Certificate> certificates_;

  std::atomic<int64_t> next_look_ms_;
  std::atomic<bool> looking_{false};
  std::string signatures_;  // Of the files as read last. The looker's own.
  // Through std::atomic_load and std::atomic_store only: see Socket::grant.
  std::shared_ptr<const Tokens> tokens_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_SERVICE_CREDENTIALS_H_
