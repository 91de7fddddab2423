#include "common/rpc/tls_files.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"

namespace aerie::rpc {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;

// OpenSSL would ask for it on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Context NewContext() {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_method()));
  if (context != nullptr) {
    SSL_CTX_set_default_passwd_cb(context.get(), NoPassword);
  }
  return context;
}

absl::Status Readable(const std::string& file) {
  // Folders can be opened, but not read.
  if (std::ifstream(file).peek() != EOF) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("cannot read ", file));
}

absl::Status Unusable(const std::string& file) {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot use ", file, ": ",
                   reason == nullptr ? "no reason given" : reason));
}

}  // namespace

absl::Status CheckKeyPair(const std::string& certificate_file,
                          const std::string& key_file) {
  absl::Status status = Readable(certificate_file);
  if (status.ok()) status = Readable(key_file);
  if (!status.ok()) return status;
  const Context context = NewContext();
  if (context == nullptr || SSL_CTX_use_certificate_chain_file(
                                context.get(), certificate_file.c_str()) != 1) {
    return Unusable(certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Unusable(key_file);
  }
  return absl::OkStatus();
}

absl::Status CheckAuthorities(const std::string& file) {
  absl::Status status = Readable(file);
  if (!status.ok()) return status;
  const Context context = NewContext();
  if (context == nullptr ||
      SSL_CTX_load_verify_file(context.get(), file.c_str()) != 1) {
    return Unusable(file);
  }
  return absl::OkStatus();
}

}  // namespace aerie::rpc
