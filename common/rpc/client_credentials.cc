#include "common/rpc/client_credentials.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/bearer_token.h"
#include "common/rpc/tls_files.h"

namespace aerie::rpc {
namespace {

TlsPem FilesOf(const ClientCredentialOptions& options) {
  return {options.certificate_file, options.key_file, options.ca_file};
}

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
  return ReadTls(FilesOf(options)).status();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>>
MakeChannelCredentials(const ClientCredentialOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  absl::StatusOr<TlsPem> pem = ReadTls(FilesOf(options));
  if (!pem.ok()) return pem.status();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = std::move(pem->authorities);
  ssl.pem_private_key = std::move(pem->key);
  ssl.pem_cert_chain = std::move(pem->certificate);
  return grpc::SslCredentials(ssl);
}

std::string TlsSignature(const ClientCredentialOptions& options) {
  return TlsSignature(FilesOf(options));
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
