#ifndef AERIE_COMMON_RPC_TLS_FILES_H_
#define AERIE_COMMON_RPC_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"

namespace aerie::rpc {

// PEM: names of files, or what they hold.
struct TlsPem {
  std::string certificate;  // Then those in between. Empty: none.
  std::string key;          // The certificate's; empty as that is.
  std::string authorities;  // At least one; empty: none.
};

// Reads files and makes sure that gRPC can use them: it ends a process for some
// that it cannot use, and trusts everybody whom the system trusts where a file
// of authorities is empty. NOT_FOUND for what cannot be read, INVALID_ARGUMENT
// for what is no such thing.
absl::StatusOr<TlsPem> ReadTls(const TlsPem& files);

// What differs once one of them has been changed or replaced.
std::string TlsSignature(const TlsPem& files);

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_TLS_FILES_H_
