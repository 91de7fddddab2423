#include "broker/config_services.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "broker/auth/scope.h"
#include "broker/auth/service_credentials.h"
#include "broker/rpc/server_tls.h"
#include "common/config/shared_keys.h"
#include "common/rpc/authority.h"

namespace aerie::broker {
namespace {

using config::Complaint;
using config::Section;

constexpr char kScopesHelp[] =
    "What for: `read` (topics, sockets, the cluster, Watch), `publish` "
    "(broadcasts and pushes), `admin` (disconnects, closing channels, renewing "
    "tokens), `host` (running channels), `edge` (being an edge). None implies "
    "another.";

absl::Status ScopeRule(absl::string_view text) {
  return ParseScope(text).status();
}

void BindScopes(Section& section, std::vector<std::string>& scopes) {
  section.Texts("scopes", &scopes, kScopesHelp, ScopeRule);
  section.Check("scopes", [&scopes]() -> absl::optional<std::string> {
    if (!scopes.empty()) return absl::nullopt;
    return "expected at least one";
  });
}

// How many places the token is in: one, if all is well.
int PlacesOf(const ServiceTokenOptions& token) {
  return !token.token.empty() + !token.token_file.empty() +
         !token.token_env.empty();
}

void BindServiceToken(Section& section, ServiceTokenOptions& token) {
  section.Text("name", &token.name, "What logs and errors call it.");
  section.Secret("token", &token.token, "The token itself; or:");
  section.Text("token_file", &token.token_file,
               "The file that holds it, read again when it changes; or:");
  section.Text("token_env", &token.token_env,
               "The environment variable that holds it.");
  BindScopes(section, token.scopes);
  section.Check("token", [&token]() -> absl::optional<std::string> {
    if (PlacesOf(token) == 1) return absl::nullopt;
    return "expected one of token, token_file and token_env";
  });
  const auto check = [&section, &token](const char* key,
                                        std::string ServiceTokenOptions::*of) {
    section.Check(key, [&token, of]() -> absl::optional<std::string> {
      if ((token.*of).empty() || PlacesOf(token) != 1) return absl::nullopt;
      return Complaint(ServiceCredentials::CheckToken(token));
    });
  };
  check("token", &ServiceTokenOptions::token);
  check("token_file", &ServiceTokenOptions::token_file);
  check("token_env", &ServiceTokenOptions::token_env);
  section.Check("name", [&token]() -> absl::optional<std::string> {
    if (!token.name.empty()) return absl::nullopt;
    return "expected a name";
  });
}

void BindServiceCertificate(Section& section,
                            ServiceCertificateOptions& certificate) {
  section.Text("name", &certificate.name,
               "A subject alternative name, or the common name.");
  BindScopes(section, certificate.scopes);
  section.Check("name", [&certificate]() -> absl::optional<std::string> {
    if (!certificate.name.empty()) return absl::nullopt;
    return "expected a name";
  });
}

void BindServices(Section& section, Options& options) {
  section.List("tokens", &options.services.tokens, ServiceTokenOptions(),
               "Bearer tokens that callers show.", BindServiceToken);
  section.List("certificates", &options.services.certificates,
               ServiceCertificateOptions(),
               "Names in the certificates that callers show; needs "
               "`tls.client_ca_file`.",
               BindServiceCertificate);
  section.Check("certificates", [&options]() -> absl::optional<std::string> {
    if (options.services.certificates.empty() ||
        !options.tls.client_ca_file.empty()) {
      return absl::nullopt;
    }
    return "nobody can show one without tls.client_ca_file";
  });
}

void BindTls(Section& section, GrpcTlsOptions& tls) {
  section.Text("certificate_file", &tls.certificate_file,
               "PEM file: the broker's certificate, then those in between. "
               "Empty: no TLS.");
  section.Text("key_file", &tls.key_file, "PEM file: its private key.");
  section.Text("client_ca_file", &tls.client_ca_file,
               "PEM file: who signs the certificates of callers, all of whom "
               "need one then. Empty: they need none.");
  section.Check("certificate_file",
                [&tls] { return Complaint(CheckTls(tls)); });
}

}  // namespace

void BindGrpc(Section& root, Options& options) {
  root.Text("listen", &options.address,
            "Address and port for edges and services (gRPC).",
            config::AddressRule);
  root.Switch("insecure", &options.insecure,
              "Lets `listen` be an address that other machines reach, though "
              "without `services` whoever reaches it has every power: the "
              "network keeps strangers out.");
  root.Check("listen", [&options] {
    return Complaint(rpc::CheckListenAddress(
        options.address, !options.services.none(), options.insecure));
  });
  BindServices(root.Child("services",
                          "Who may call, and what for. Without any, everybody "
                          "who reaches the port."),
               options);
  BindTls(root.Child("tls", "TLS of the gRPC port."), options.tls);
}

}  // namespace aerie::broker
