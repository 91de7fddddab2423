#include "common/rpc/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fstream>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file_signature.h"

namespace aerie::rpc {
namespace {

// Some hundred certificates.
constexpr size_t kFileBytesMax = 1 << 20;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, Free>;

// OpenSSL would ask for it on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

std::unique_ptr<BIO, Free> Bytes(const std::string& text) {
  return std::unique_ptr<BIO, Free>(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate NextCertificate(BIO* pem) {
  return Certificate(PEM_read_bio_X509(pem, nullptr, NoPassword, nullptr));
}

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  // Folders can be opened, but not read.
  if (in.bad() || (text.empty() && !in.eof())) {
    return absl::NotFoundError(absl::StrCat("cannot read ", file));
  }
  if (text.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": more than ", kFileBytesMax, " bytes"));
  }
  return text;
}

absl::Status Unusable(const std::string& file) {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot use ", file, ": ",
                   reason == nullptr ? "no reason given" : reason));
}

// Whether all that is there are certificates: one, or more.
bool AreCertificates(const std::string& pem) {
  const std::unique_ptr<BIO, Free> bytes = Bytes(pem);
  Certificate certificate = NextCertificate(bytes.get());
  if (certificate == nullptr) return false;
  while (certificate != nullptr) certificate = NextCertificate(bytes.get());
  // Where it has ended, because there is none any more.
  const bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (end) ERR_clear_error();
  return end;
}

absl::Status CheckPair(const TlsPem& files, const TlsPem& pem) {
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_method()));
  if (context == nullptr || !AreCertificates(pem.certificate) ||
      SSL_CTX_use_certificate(
          context.get(), NextCertificate(Bytes(pem.certificate).get()).get()) !=
          1) {
    return Unusable(files.certificate);
  }
  const std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PrivateKey(
      Bytes(pem.key).get(), nullptr, NoPassword, nullptr));
  if (key == nullptr || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Unusable(files.key);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsPem> ReadTls(const TlsPem& files) {
  TlsPem pem;
  for (std::string TlsPem::*part :
       {&TlsPem::certificate, &TlsPem::key, &TlsPem::authorities}) {
    if ((files.*part).empty()) continue;
    absl::StatusOr<std::string> text = ReadFile(files.*part);
    if (!text.ok()) return text.status();
    pem.*part = *std::move(text);
  }
  ERR_clear_error();
  if (!files.certificate.empty()) {
    absl::Status pair = CheckPair(files, pem);
    if (!pair.ok()) return pair;
  }
  if (!files.authorities.empty() && !AreCertificates(pem.authorities)) {
    return Unusable(files.authorities);
  }
  return pem;
}

std::string TlsSignature(const TlsPem& files) {
  std::string signature;
  for (const std::string& file :
       {files.certificate, files.key, files.authorities}) {
    if (!file.empty()) absl::StrAppend(&signature, FileSignature(file), "\n");
  }
  return signature;
}

}  // namespace aerie::rpc
