#include "broker/rpc/server_tls.h"

#include "common/rpc/tls_files.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace aerie::broker {
namespace {

constexpr unsigned kLookSeconds = 5;

}  // namespace

absl::Status CheckTls(const GrpcTlsOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "certificate_file and key_file belong together");
  }
  if (options.certificate_file.empty() && !options.client_ca_file.empty()) {
    return absl::InvalidArgumentError(
        "client_ca_file without certificate_file: there is no TLS");
  }
  if (options.certificate_file.empty()) return absl::OkStatus();
  absl::Status pair =
      rpc::CheckKeyPair(options.certificate_file, options.key_file);
  if (!pair.ok() || options.client_ca_file.empty()) return pair;
  return rpc::CheckAuthorities(options.client_ca_file);
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const GrpcTlsOptions& options) {
  if (options.certificate_file.empty()) {
    return grpc::InsecureServerCredentials();
  }
  using grpc::experimental::FileWatcherCertificateProvider;
  const bool mutual = !options.client_ca_file.empty();
  const auto files = std::make_shared<FileWatcherCertificateProvider>(
      options.key_file, options.certificate_file, options.client_ca_file,
      kLookSeconds);
  grpc::experimental::TlsServerCredentialsOptions tls(files);
  tls.watch_identity_key_cert_pairs();
  if (mutual) {
    tls.watch_root_certs();
    tls.set_cert_request_type(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(tls);
}

}  // namespace aerie::broker
