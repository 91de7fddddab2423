#include "common/rpc/client_credentials.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/bearer_token.h"
#include "common/rpc/tls_files.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace aerie::rpc {
namespace {

constexpr unsigned kLookSeconds = 5;

}  // namespace

absl::Status CheckClientToken(const ClientCredentialOptions& options) {
  if (!options.token_file.empty() && !options.token_env.empty()) {
    return absl::InvalidArgumentError(
        "expected one of token_file and token_env");
  }
  return ReadToken(options).status();
}

absl::Status CheckClientTls(const ClientCredentialOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "certificate_file and key_file belong together");
  }
  if (!options.tls &&
      !(options.ca_file.empty() && options.certificate_file.empty() &&
        options.server_name.empty())) {
    return absl::InvalidArgumentError(
        "nobody asks for it: expected `enabled: true`");
  }
  if (!options.ca_file.empty()) {
    absl::Status authorities = CheckAuthorities(options.ca_file);
    if (!authorities.ok()) return authorities;
  }
  if (options.certificate_file.empty()) return absl::OkStatus();
  return CheckKeyPair(options.certificate_file, options.key_file);
}

std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(
    const ClientCredentialOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions tls;
  if (!options.ca_file.empty() || !options.certificate_file.empty()) {
    tls.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            options.key_file, options.certificate_file, options.ca_file,
            kLookSeconds));
  }
  if (!options.ca_file.empty()) tls.watch_root_certs();
  if (!options.certificate_file.empty()) tls.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(tls);
}

absl::StatusOr<std::string> ReadToken(const ClientCredentialOptions& options) {
  if (!options.token_file.empty()) return ReadTokenFile(options.token_file);
  if (!options.token_env.empty()) return ReadTokenVariable(options.token_env);
  return std::string();
}

void ShowToken(const std::string& token, grpc::ClientContext& context) {
  if (token.empty()) return;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
}

}  // namespace aerie::rpc
