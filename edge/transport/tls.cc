#include "edge/transport/tls.h"

#include <openssl/err.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/file_signature.h"

namespace aerie::edge {
namespace {

// The oldest error of this thread, as text.
std::string OpenSslError() {
  char text[256] = "no reason given";
  const unsigned long code = ERR_get_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return text;
}

absl::Status Unusable(absl::string_view file) {
  return absl::InvalidArgumentError(
      absl::StrCat("tls: cannot use ", file, ": ", OpenSslError()));
}

// RFC 7301: WebSocket and pages both run on HTTP/1.1.
int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size,
               const unsigned char* in, unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kHttp11, sizeof(kHttp11) - 1,
                            in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

absl::StatusOr<SslContext> LoadTls(const std::string& certificate_file,
                                   const std::string& key_file) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return absl::InternalError(OpenSslError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection keeps no record buffers; a record may be written in
  // parts and from another place.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS |
                                      SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Clients resume with tickets; nothing is kept here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectAlpn, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(),
                                         certificate_file.c_str()) != 1) {
    return Unusable(certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Unusable(key_file);
  }
  return context;
}

SslContext Share(const SslContext& context) {
  SSL_CTX_up_ref(context.get());
  return SslContext(context.get());
}

Ssl NewServerSsl(const SslContext& context, int fd) {
  Ssl ssl(SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_accept_state(ssl.get());
  return ssl;
}

TlsFiles::TlsFiles(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)) {}

absl::StatusOr<SslContext> TlsFiles::Load() {
  // Bounded: whoever writes the files without end gets what is there then.
  for (int attempt = 0;; ++attempt) {
    loaded_ = Signature();
    absl::StatusOr<SslContext> context = LoadTls(certificate_file_, key_file_);
    if (!Changed() || attempt == 3) return context;
  }
}

bool TlsFiles::Changed() const { return Signature() != loaded_; }

std::string TlsFiles::Signature() const {
  return absl::StrCat(FileSignature(certificate_file_), ";",
                      FileSignature(key_file_));
}

}  // namespace aerie::edge
