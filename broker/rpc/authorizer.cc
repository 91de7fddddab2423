#include "broker/rpc/authorizer.h"

#include <grpc/grpc_security_constants.h>

#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/log.h"

namespace aerie::broker {

std::vector<std::string> VerifiedNames(const grpc::AuthContext& context) {
  std::vector<std::string> names;
  if (!context.IsPeerAuthenticated()) return names;
  for (const char* property :
       {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : context.FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
  }
  return names;
}

absl::Status Authorizer::Check(const grpc::ServerContextBase& call,
                               absl::Span<const Scope> scopes) const {
  if (credentials_.none()) return absl::OkStatus();
  absl::string_view authorization;
  const auto found = call.client_metadata().find("authorization");
  if (found != call.client_metadata().end()) {
    authorization =
        absl::string_view(found->second.data(), found->second.size());
  }
  const std::shared_ptr<const grpc::AuthContext> context = call.auth_context();
  std::vector<std::string> names;
  if (context != nullptr) names = VerifiedNames(*context);
  // What is refused is refused in the words of the first one.
  absl::Status status;
  for (const Scope scope : scopes) {
    absl::Status one = credentials_.Check({authorization, names}, scope);
    if (one.ok()) return one;
    if (status.ok()) status = std::move(one);
  }
  (absl::IsUnauthenticated(status) ? metrics_.calls_unauthenticated
                                   : metrics_.calls_forbidden)
      .Increment();
  log::Warning("call refused", {{"peer", call.peer()},
                                {"scope", ScopeName(scopes.front())},
                                {"reason", status.message()}});
  return status;
}

}  // namespace aerie::broker
