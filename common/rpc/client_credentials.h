#ifndef AERIE_COMMON_RPC_CLIENT_CREDENTIALS_H_
#define AERIE_COMMON_RPC_CLIENT_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "grpcpp/security/credentials.h"

namespace aerie::rpc {

// What a process of ours shows to a server of ours, and what it wants to see.
struct ClientCredentialOptions {
  // A bearer token (common/rpc/bearer_token.h); at most one of these.
  std::string token_file;
  std::string token_env;  // The variable that holds it.
  // TLS; PEM files.
  bool tls = false;
  std::string ca_file;           // Empty: those that the system trusts.
  std::string certificate_file;  // Empty: none is shown.
  std::string key_file;
  // What the server's certificate must be for; empty: the target's name.
  std::string server_name;
};

// Of the token and of TLS. INVALID_ARGUMENT for what does not belong together
// or cannot be used, NOT_FOUND for what cannot be read.
absl::Status CheckClientToken(const ClientCredentialOptions& options);
absl::Status CheckClientTls(const ClientCredentialOptions& options);

// What connections need, by the files as they are now.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>>
MakeChannelCredentials(const ClientCredentialOptions& options);
// What differs once one of TLS' files has changed.
std::string TlsSignature(const ClientCredentialOptions& options);

// The token as it is now; empty for none.
absl::StatusOr<std::string> ReadToken(const ClientCredentialOptions& options);

// Shows it with a call.
void ShowToken(const std::string& token, grpc::ClientContext& context);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_CLIENT_CREDENTIALS_H_
