#ifndef AERIE_CLIENTS_CPP_CONNECTION_H_
#define AERIE_CLIENTS_CPP_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/options.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

// Inside of the SDK: gRPC channels to brokers. Any thread.
namespace aerie::client {

// To one address; it connects on first use.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(
    const ConnectionOptions& options, const std::string& address);

// Puts the token, if there is one, into the metadata of a call.
absl::Status Authorize(const ConnectionOptions& options,
                       grpc::ClientContext& context);

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_CONNECTION_H_
