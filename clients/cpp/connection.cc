#include "clients/cpp/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/files.h"
#include "clients/cpp/limits.h"
#include "common/rpc/bearer_token.h"
#include "common/rpc/setup.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace aerie::client {
namespace {

absl::Status ReadInto(const std::string& path, std::string* text) {
  if (path.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> read = ReadFile(path);
  if (!read.ok()) return read.status();
  *text = *std::move(read);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ConnectionOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  absl::Status status = ReadInto(options.tls->ca_file, &ssl.pem_root_certs);
  if (status.ok()) {
    status = ReadInto(options.tls->cert_file, &ssl.pem_cert_chain);
  }
  if (status.ok()) {
    status = ReadInto(options.tls->key_file, &ssl.pem_private_key);
  }
  if (!status.ok()) return status;
  return grpc::SslCredentials(ssl);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(
    const ConnectionOptions& options, const std::string& address) {
  if (address.empty()) {
    return absl::InvalidArgumentError("the address of a broker is empty");
  }
  absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials =
      Credentials(options);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments = rpc::ClientArguments(
      {.min_ms = limits::kBackoffMinMs, .max_ms = limits::kBackoffMaxMs});
  arguments.SetMaxReceiveMessageSize(limits::kReceivedBytesMax);
  if (options.tls && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  return grpc::CreateCustomChannel(address, *credentials, arguments);
}

absl::Status Authorize(const ConnectionOptions& options,
                       grpc::ClientContext& context) {
  if (options.token == nullptr) return absl::OkStatus();
  absl::StatusOr<std::string> token = options.token();
  if (token.ok()) token = rpc::TakeToken(*token, "the token");
  if (!token.ok()) return token.status();
  context.AddMetadata("authorization", absl::StrCat("Bearer ", *token));
  return absl::OkStatus();
}

}  // namespace aerie::client
