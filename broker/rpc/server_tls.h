#ifndef AERIE_BROKER_RPC_SERVER_TLS_H_
#define AERIE_BROKER_RPC_SERVER_TLS_H_

#include <memory>

#include "absl/status/status.h"
#include "broker/options.h"
#include "grpcpp/security/server_credentials.h"

namespace aerie::broker {

// INVALID_ARGUMENT for files that do not belong together or cannot be used,
// NOT_FOUND for one that cannot be read.
absl::Status CheckTls(const GrpcTlsOptions& options);

// What the gRPC port demands of connections. The files are looked at every few
// seconds: new connections get what is there then.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const GrpcTlsOptions& options);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_SERVER_TLS_H_
