#include "broker/rpc/server_tls.h"

#include <grpc/grpc.h>

#include <utility>

#include "common/log.h"
#include "grpcpp/security/auth_metadata_processor.h"

namespace aerie::broker {
namespace {

constexpr int64_t kLookMs = 1'000;

rpc::TlsPem FilesOf(const GrpcTlsOptions& options) {
  return {options.certificate_file, options.key_file, options.client_ca_file};
}

// gRPC's C++ has no way to renew certificates, but for an experimental one that
// ends the process when a file is empty; its C has.
class RenewedCredentials final : public grpc::ServerCredentials {
 public:
  RenewedCredentials(ServerTls& tls,
                     grpc_ssl_client_certificate_request_type clients)
      : tls_(tls), clients_(clients) {}

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    grpc_server_credentials* const credentials =
        grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                clients_, Fetch, &tls_));
    const int port =
        grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* tls, grpc_ssl_server_certificate_config** config) {
    return static_cast<ServerTls*>(tls)->Fetch(config);
  }

  ServerTls& tls_;
  const grpc_ssl_client_certificate_request_type clients_;
};

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
  return rpc::ReadTls(FilesOf(options)).status();
}

ServerTls::ServerTls(const GrpcTlsOptions& options, const Clock& clock,
                     Metrics& metrics)
    : files_(FilesOf(options)),
      clock_(clock),
      metrics_(metrics),
      next_look_ms_(clock.NowMs()) {}

std::shared_ptr<grpc::ServerCredentials> ServerTls::Credentials() {
  if (files_.certificate.empty()) return grpc::InsecureServerCredentials();
  return std::make_shared<RenewedCredentials>(
      *this, files_.authorities.empty()
                 ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                 : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
}

// The signature is that of before: files that change meanwhile are read again.
grpc_ssl_certificate_config_reload_status ServerTls::Fetch(
    grpc_ssl_server_certificate_config** config) {
  const int64_t now_ms = clock_.NowMs();
  if (now_ms < next_look_ms_)
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  next_look_ms_ = now_ms + kLookMs;
  std::string signature = rpc::TlsSignature(files_);
  if (signature == signature_) {
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  const bool first = signature_.empty();
  signature_ = std::move(signature);
  const absl::StatusOr<rpc::TlsPem> pem = rpc::ReadTls(files_);
  if (!pem.ok()) {
    log::Error("tls files not reloaded", {{"reason", pem.status().message()}});
    metrics_.tls_reload_errors.Increment();
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
  }
  const grpc_ssl_pem_key_cert_pair pair = {pem->key.c_str(),
                                           pem->certificate.c_str()};
  // gRPC insists on authorities, also where it asks no client for a certificate
  // that they could have signed.
  const std::string& authorities =
      files_.authorities.empty() ? pem->certificate : pem->authorities;
  *config =
      grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
  if (!first) {
    log::Info("tls files reloaded");
    metrics_.tls_reloads.Increment();
  }
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace aerie::broker
