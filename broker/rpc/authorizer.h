#ifndef AERIE_BROKER_RPC_AUTHORIZER_H_
#define AERIE_BROKER_RPC_AUTHORIZER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "broker/auth/scope.h"
#include "broker/auth/service_credentials.h"
#include "broker/metrics.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"

namespace aerie::broker {

// The subject alternative names and the common name of a client's certificate;
// none of one that gRPC has not verified.
std::vector<std::string> VerifiedNames(const grpc::AuthContext& context);

// Whether a call may be made, by what its client shows. Any thread; outlives
// the calls.
class Authorizer {
 public:
  Authorizer(ServiceCredentials& credentials, Metrics& metrics)
      : credentials_(credentials), metrics_(metrics) {}

  // OK, or how the call ends: as ServiceCredentials::Check, counted. Any one of
  // `scopes` will do.
  absl::Status Check(const grpc::ServerContextBase& call,
                     absl::Span<const Scope> scopes) const;
  absl::Status Check(const grpc::ServerContextBase& call, Scope scope) const {
    return Check(call, absl::MakeConstSpan(&scope, 1));
  }

 private:
  ServiceCredentials& credentials_;
  Metrics& metrics_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_AUTHORIZER_H_
