#ifndef AERIE_COMMON_RPC_TLS_FILES_H_
#define AERIE_COMMON_RPC_TLS_FILES_H_

#include <string>

#include "absl/status/status.h"

// Whether gRPC will be able to use PEM files. It reads them by itself, and says
// nothing at start about those that it cannot use. NOT_FOUND for what cannot be
// read, INVALID_ARGUMENT for what is no such thing.
namespace aerie::rpc {

// A certificate, with those in between behind it, and its private key.
absl::Status CheckKeyPair(const std::string& certificate_file,
                          const std::string& key_file);

// Certificates of authorities: at least one.
absl::Status CheckAuthorities(const std::string& file);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_TLS_FILES_H_
