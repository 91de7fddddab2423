#include "common/rpc/client_credentials.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace aerie::rpc {
namespace {

constexpr unsigned kLookSeconds = 5;

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

absl::Status CheckClientCredentials(const ClientCredentialOptions& options) {
  if (!options.token_file.empty() && !options.token_env.empty()) {
    return absl::InvalidArgumentError(
        "expected one of token_file and token_env");
  }
  absl::Status token = ReadToken(options).status();
  if (!token.ok()) return token;
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "certificate_file and key_file belong together");
  }
  if (!options.tls &&
      !(options.ca_file.empty() && options.certificate_file.empty() &&
        options.server_name.empty())) {
    return absl::InvalidArgumentError("nobody asks for it: TLS is not on");
  }
  for (const std::string& file :
       {options.ca_file, options.certificate_file, options.key_file}) {
    if (file.empty()) continue;
    absl::Status read = ReadFile(file).status();
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
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
  std::string text;
  std::string source;
  if (!options.token_file.empty()) {
    source = options.token_file;
    absl::StatusOr<std::string> read = ReadFile(options.token_file);
    if (!read.ok()) return read.status();
    text = *std::move(read);
  } else if (!options.token_env.empty()) {
    source = absl::StrCat("$", options.token_env);
    const char* const value = std::getenv(options.token_env.c_str());
    if (value == nullptr) {
      return absl::NotFoundError(absl::StrCat(source, " is not set"));
    }
    text = value;
  } else {
    return std::string();
  }
  std::string token(absl::StripAsciiWhitespace(text));
  if (token.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(source, " is empty"));
  }
  // gRPC ends the process for metadata that no header can carry.
  for (const char c : token) {
    if (c >= ' ' && c <= '~') continue;
    return absl::InvalidArgumentError(
        absl::StrCat(source, " holds a byte that is not printable ASCII"));
  }
  return token;
}

void ShowToken(const std::string& token, grpc::ClientContext& context) {
  if (token.empty()) return;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
}

}  // namespace aerie::rpc
