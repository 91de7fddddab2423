#include "clients/cpp/phoenix/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "boost/asio/ip/address.hpp"

namespace aerie::client::phx {
namespace {

namespace ssl = boost::asio::ssl;

absl::Status Unusable(absl::string_view file,
                      const boost::system::error_code& error) {
  return absl::InvalidArgumentError(
      absl::StrCat("tls: cannot use ", file, ": ", error.message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> ClientTls(
    const TlsOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  if (options.ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(options.ca_file, error);
  }
  if (error) return Unusable(options.ca_file, error);
  if (options.cert_file.empty()) return context;
  context->use_certificate_chain_file(options.cert_file, error);
  if (error) return Unusable(options.cert_file, error);
  context->use_private_key_file(options.key_file, ssl::context::pem, error);
  if (error) return Unusable(options.key_file, error);
  return context;
}

absl::Status ExpectHost(const std::string& host, SSL* ssl) {
  // RFC 7301: WebSocket runs on HTTP/1.1.
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  SSL_set_alpn_protos(ssl, kHttp11, sizeof(kHttp11) - 1);
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  int set = 0;
  if (no_address) {
    // RFC 6066 section 3: names only.
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
          SSL_set1_host(ssl, host.c_str()) == 1;
  } else {
    set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  }
  if (set == 1) return absl::OkStatus();
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat("tls: no such host: ", host));
}

}  // namespace aerie::client::phx
