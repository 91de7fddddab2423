#ifndef AERIE_CLIENTS_CPP_PHOENIX_TLS_H_
#define AERIE_CLIENTS_CPP_PHOENIX_TLS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "boost/asio/ssl/context.hpp"
#include "clients/cpp/options.h"

// TLS 1.2 and 1.3 towards edges, on OpenSSL. Any thread.
namespace aerie::client::phx {

// What servers must show, and what they are shown. INVALID_ARGUMENT names the
// file that is of no use.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> ClientTls(
    const TlsOptions& options);

// Asks for a host, and accepts no other one's certificate.
absl::Status ExpectHost(const std::string& host, SSL* ssl);

}  // namespace aerie::client::phx

#endif  // AERIE_CLIENTS_CPP_PHOENIX_TLS_H_
