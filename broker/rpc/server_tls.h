#ifndef AERIE_BROKER_RPC_SERVER_TLS_H_
#define AERIE_BROKER_RPC_SERVER_TLS_H_

#include <grpc/grpc_security.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "common/clock.h"
#include "common/rpc/tls_files.h"
#include "grpcpp/security/server_credentials.h"

namespace aerie::broker {

// INVALID_ARGUMENT for files that do not belong together or cannot be used,
// NOT_FOUND for one that cannot be read.
absl::Status CheckTls(const GrpcTlsOptions& options);

// TLS of the gRPC port. New connections get what the files hold then; what
// cannot be used is logged and counted, and the old certificates stay. Outlives
// the server.
class ServerTls {
 public:
  ServerTls(const GrpcTlsOptions& options, const Clock& clock,
            Metrics& metrics);
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // For one port, once.
  std::shared_ptr<grpc::ServerCredentials> Credentials();

  // What is new since the last call, if anything is. Looks at the files at most
  // once a second. gRPC calls it for each connection, one at a time.
  grpc_ssl_certificate_config_reload_status Fetch(
      grpc_ssl_server_certificate_config** config);

 private:
  const rpc::TlsPem files_;
  const Clock& clock_;
  Metrics& metrics_;
  int64_t next_look_ms_;
  std::string signature_;  // Of the files as looked at last.
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_SERVER_TLS_H_
