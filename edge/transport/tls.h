#ifndef AERIE_EDGE_TRANSPORT_TLS_H_
#define AERIE_EDGE_TRANSPORT_TLS_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

// TLS 1.2 and 1.3 of the listener, on OpenSSL.
namespace aerie::edge {

struct SslFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslFree>;
using Ssl = std::unique_ptr<SSL, SslFree>;

// A server's context with a certificate chain and its key (PEM).
// INVALID_ARGUMENT says what OpenSSL dislikes.
absl::StatusOr<SslContext> LoadTls(const std::string& certificate_file,
                                   const std::string& key_file);

// One more owner of the same context.
SslContext Share(const SslContext& context);

// The server's end of a connection on `fd`, which stays the caller's.
Ssl NewServerSsl(const SslContext& context, int fd);

// Watches the two files. Lives on one thread.
class TlsFiles {
 public:
  TlsFiles(std::string certificate_file, std::string key_file);

  // Loads them. A pair that was not the same before and after, because it is
  // being replaced, is read again.
  absl::StatusOr<SslContext> Load();

  // Whether the files have changed since they were loaded last.
  bool Changed() const;

 private:
  // Of both files.
  std::string Signature() const;

  const std::string certificate_file_;
  const std::string key_file_;
  std::string loaded_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_TLS_H_
