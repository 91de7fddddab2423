#ifndef AERIE_BROKER_OPTIONS_H_
#define AERIE_BROKER_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "broker/auth/jws_algorithm.h"
#include "broker/limits.h"
#include "common/log.h"

namespace aerie::broker {

// One line of the routing table. Phoenix: `channel "room:*", RoomChannel`.
struct RouteOptions {
  std::string pattern;  // A topic, or a prefix and `*`.
  std::string host;     // The name of a built-in host.
  // Events whose broadcasts go through the channel's handle_out.
  std::vector<std::string> intercepts;
  // The host's own: relay takes `from` and `events`. A single value is a list
  // of one.
  std::map<std::string, std::vector<std::string>> options;
};

// One token of the rule `tokens`, and what a socket that shows it becomes.
struct TokenOptions {
  // One of the two; the file's content, without its last newline, is the token.
  std::string token;
  std::string token_file;
  std::string socket_id;
  std::map<std::string, std::string> assigns;
};

// One key of the rule `jwt`. One of `file`, `secret_file` and `secret_env`.
struct JwtKeyOptions {
  JwsAlgorithm algorithm = JwsAlgorithm::kRs256;
  std::string kid;   // Empty: for tokens without `kid`.
  std::string file;  // A public key, PEM.
  // The file's content, without its last newline, is the secret of HS256.
  std::string secret_file;
  std::string secret_env;  // The variable that holds it.
};

// The rule `jwt`: JSON Web Tokens, and what becomes of their claims. Templates
// are those of broker/auth/claim_template.h.
struct JwtOptions {
  std::vector<JwtKeyOptions> keys;
  std::string jwks_file;  // Read again when it changes.
  std::string issuer;     // Empty: any.
  std::vector<std::string> audience;
  uint32_t leeway_ms = 5'000;
  bool expiry_required = true;
  std::string param = "token";
  std::string socket_id;  // A template.
  std::map<std::string, std::string> assigns = {{"claims", "{claims}"}};
  // Topics that may be joined: templates, a `*` at the end for any end.
  std::vector<std::string> topics = {"*"};
};

// Who may open a socket.
struct RuleOptions {
  enum class Rule {
    kAllow,   // Everybody.
    kTokens,  // Those that show one of `tokens`.
    kJwt,     // Those that show a valid JSON Web Token.
  };
  Rule rule = Rule::kAllow;
  std::vector<TokenOptions> tokens;
  JwtOptions jwt;
  // With `kAllow`: the connect param that becomes the socket id; empty: none.
  std::string socket_id_param;
};

// The same for one mount of the edges.
struct MountRuleOptions : RuleOptions {
  std::string path;
};

struct ConnectOptions : RuleOptions {
  // Mounts with a rule of their own.
  std::vector<MountRuleOptions> mounts;
};

// A bearer token that services may show, and what for.
struct ServiceTokenOptions {
  std::string name;  // For logs and errors.
  // One of these; without white space at its ends.
  std::string token;
  std::string token_file;  // Read again when it changes.
  std::string token_env;   // The variable that holds it.
  std::vector<std::string> scopes;
};

// A name in the certificates of services (subject alternative name, or common
// name), and what for.
struct ServiceCertificateOptions {
  std::string name;
  std::vector<std::string> scopes;
};

// Who may call the broker. Without any: everybody who reaches it.
struct ServicesOptions {
  std::vector<ServiceTokenOptions> tokens;
  std::vector<ServiceCertificateOptions> certificates;

  bool none() const { return tokens.empty() && certificates.empty(); }
};

// TLS of the gRPC port; off without a certificate. PEM files, read again when
// they change.
struct GrpcTlsOptions {
  std::string certificate_file;
  std::string key_file;
  // Who signs the certificates of clients, which then need one; empty: they
  // need none.
  std::string client_ca_file;
};

// The blobs by which edges carry sockets over a lost broker.
struct ResumeOptions {
  // Keys of 32 bytes in base64, one a line; the first one signs, all verify.
  // Empty: each start makes its own, and a restart ends all sockets.
  std::string key_file;
  uint32_t ttl_ms = 24 * 60 * 60 * 1000;
};

// All that a broker can be told. Without a file, flag or environment variable
// these defaults hold; broker/options.cc binds them to keys.
struct Options {
  // What edges and logs call this broker; empty: the host's name.
  std::string name;
  std::string address = "127.0.0.1:4010";  // gRPC. Port 0: any free one.
  // Lets `address` be other than a loopback one without `services`.
  bool insecure = false;
  std::string admin_address = "127.0.0.1:4011";  // Port 0: any free one.
  bool dashboard = true;  // On the admin port, at /dashboard.
  // Loops, hence shards; 0: one per core.
  uint32_t loops = 0;
  std::vector<RouteOptions> routes = {{"room:*", "relay", {}, {}},
                                      {"echo:*", "echo", {}, {}}};
  ServicesOptions services;
  GrpcTlsOptions tls;
  ConnectOptions connect;
  ResumeOptions resume;
  // From SIGTERM to the exit, at the latest.
  uint32_t drain_window_ms = 30'000;
  Limits limits;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_OPTIONS_H_
