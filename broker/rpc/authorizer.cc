#include "broker/rpc/authorizer.h"

#include <grpc/grpc_security_constants.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/log.h"
#include "grpcpp/security/auth_context.h"

namespace aerie::broker {
namespace {

// The names of a client certificate that gRPC has verified.
std::vector<std::string> NamesOf(const grpc::ServerContextBase& call) {
  std::vector<std::string> names;
  const auto context = call.auth_context();
  if (context == nullptr || !context->IsPeerAuthenticated()) return names;
  for (const char* property :
       {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : context->FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
  }
  return names;
}

}  // namespace

absl::Status Authorizer::Check(const grpc::ServerContextBase& call,
                               Scope scope) const {
  if (credentials_.none()) return absl::OkStatus();
  absl::string_view authorization;
  const auto found = call.client_metadata().find("authorization");
  if (found != call.client_metadata().end()) {
    authorization =
        absl::string_view(found->second.data(), found->second.size());
  }
  const std::vector<std::string> names = NamesOf(call);
  absl::Status status = credentials_.Check({authorization, names}, scope);
  if (status.ok()) return status;
  (absl::IsUnauthenticated(status) ? metrics_.calls_unauthenticated
                                   : metrics_.calls_forbidden)
      .Increment();
  log::Warning("call refused", {{"peer", call.peer()},
                                {"scope", ScopeName(scope)},
                                {"reason", status.message()}});
  return status;
}

}  // namespace aerie::broker
