#include "broker/config.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status OnlyEcho(const RouteOptions& route) {
  return route.host == "nobody" ? absl::InvalidArgumentError("no such host")
                                : absl::OkStatus();
}

class BrokerConfigTest : public ::testing::Test {
 protected:
  BrokerConfigTest() { Bind(root_, options_, OnlyEcho); }

  std::string Load(const std::vector<std::string>& arguments) {
    const config::Outcome outcome =
        config::Load(kProgram, root_, arguments, {});
    return outcome.out + outcome.err;
  }
  std::string LoadFile(const std::string& yaml) {
    const std::string file = ::testing::TempDir() + "/broker.yaml";
    std::ofstream(file) << yaml;
    std::string said = Load({"--config", file});
    for (size_t at; (at = said.find(file)) != std::string::npos;) {
      said.replace(at, file.size(), "broker.yaml");
    }
    return said;
  }

  Options options_;
  config::Section root_;
};

TEST_F(BrokerConfigTest, DefaultsAreValidRelayRoomsAndEcho) {
  EXPECT_EQ(Load({"--check-config"}), "configuration ok\n");
  EXPECT_EQ(options_.address, "127.0.0.1:4010");
  EXPECT_EQ(options_.admin_address, "127.0.0.1:4011");
  EXPECT_TRUE(options_.dashboard);
  ASSERT_EQ(options_.routes.size(), 2u);
  EXPECT_EQ(options_.routes[0].pattern, "room:*");
  EXPECT_EQ(options_.routes[0].host, "relay");
  EXPECT_EQ(options_.routes[1].pattern, "echo:*");
  EXPECT_EQ(options_.routes[1].host, "echo");
}

TEST_F(BrokerConfigTest, TheDashboardCanBeTurnedOff) {
  EXPECT_EQ(LoadFile("admin: {dashboard: false}"), "");
  EXPECT_FALSE(options_.dashboard);
}

TEST_F(BrokerConfigTest, AFileSetsRoutesRulesAndLimits) {
  EXPECT_EQ(LoadFile(R"(
listen: 0.0.0.0:4010
insecure: true
threads: 4
routes:
- pattern: "chat:*"
  host: relay
  intercepts: [typing]
  options: {from: others, events: [typing, new_msg]}
connect:
  rule: tokens
  tokens:
  - {token: hush, socket_id: "users:42", assigns: {role: admin}}
resume: {ttl: 1h}
limits: {channels_per_socket_max: 1000, join_deadline: 3s}
)"),
            "");
  EXPECT_TRUE(options_.insecure);
  EXPECT_EQ(options_.loops, 4u);
  ASSERT_EQ(options_.routes.size(), 1u);
  EXPECT_THAT(options_.routes[0].intercepts, ElementsAre("typing"));
  EXPECT_THAT(options_.routes[0].options["from"], ElementsAre("others"));
  EXPECT_THAT(options_.routes[0].options["events"],
              ElementsAre("typing", "new_msg"));
  EXPECT_EQ(options_.connect.rule, ConnectOptions::Rule::kTokens);
  ASSERT_EQ(options_.connect.tokens.size(), 1u);
  EXPECT_EQ(options_.connect.tokens[0].token, "hush");
  EXPECT_EQ(options_.connect.tokens[0].socket_id, "users:42");
  EXPECT_EQ(options_.connect.tokens[0].assigns["role"], "admin");
  EXPECT_EQ(options_.resume.ttl_ms, 3'600'000u);
  EXPECT_EQ(options_.limits.channels_per_socket_max, 1'000u);
  EXPECT_EQ(options_.limits.join_deadline_ms, 3'000u);
  EXPECT_THAT(Load({"--print-config"}), Not(HasSubstr("hush")));
}

TEST_F(BrokerConfigTest, AFileSetsTheRuleOfTokensThatAreSigned) {
  const std::string secret = ::testing::TempDir() + "/jwt_secret";
  std::ofstream(secret) << "hush, a secret of more than thirty-two bytes\n";
  EXPECT_EQ(LoadFile(absl::StrCat(R"(
connect:
  rule: jwt
  jwt:
    keys: [{algorithm: HS256, kid: "1", secret_file: )",
                                  secret, R"(}]
    issuer: https://id.example
    audience: [aerie]
    leeway: 0ms
    expiry_required: false
    param: jwt
    socket_id: "users:{sub}"
    assigns: {user: "{sub}"}
    topics: ["room:{claims.room}", "user:{sub}:*"]
  mounts:
  - {path: /public, rule: allow}
  - {path: /admin, rule: tokens, tokens: [{token: hush}]}
limits: {grant_notice: 1m, grant_grace: 0ms}
)")),
            "");
  const ConnectOptions& connect = options_.connect;
  EXPECT_EQ(connect.rule, ConnectOptions::Rule::kJwt);
  ASSERT_EQ(connect.jwt.keys.size(), 1u);
  EXPECT_EQ(connect.jwt.keys[0].algorithm, JwsAlgorithm::kHs256);
  EXPECT_EQ(connect.jwt.keys[0].kid, "1");
  EXPECT_EQ(connect.jwt.issuer, "https://id.example");
  EXPECT_THAT(connect.jwt.audience, ElementsAre("aerie"));
  EXPECT_EQ(connect.jwt.leeway_ms, 0u);
  EXPECT_FALSE(connect.jwt.expiry_required);
  EXPECT_EQ(connect.jwt.param, "jwt");
  EXPECT_EQ(connect.jwt.socket_id, "users:{sub}");
  EXPECT_THAT(connect.jwt.assigns,
              ElementsAre(::testing::Pair("user", "{sub}")));
  EXPECT_THAT(connect.jwt.topics,
              ElementsAre("room:{claims.room}", "user:{sub}:*"));
  ASSERT_EQ(connect.mounts.size(), 2u);
  EXPECT_EQ(connect.mounts[0].path, "/public");
  EXPECT_EQ(connect.mounts[1].rule, ConnectOptions::Rule::kTokens);
  EXPECT_EQ(options_.limits.grant_notice_ms, 60'000u);
  EXPECT_EQ(options_.limits.grant_grace_ms, 0u);

  const std::string printed = Load({"--print-config"});
  EXPECT_THAT(printed, Not(HasSubstr("hush")));
  EXPECT_THAT(printed, HasSubstr("secret_file: " + secret));
}

TEST_F(BrokerConfigTest, ByDefaultATokenAllowsEverythingAndAssignsItsClaims) {
  EXPECT_THAT(options_.connect.jwt.topics, ElementsAre("*"));
  EXPECT_THAT(options_.connect.jwt.assigns,
              ElementsAre(::testing::Pair("claims", "{claims}")));
  EXPECT_EQ(LoadFile("connect: {jwt: {topics: [], assigns: {}}}"), "");
  EXPECT_THAT(options_.connect.jwt.topics, ::testing::IsEmpty());
  EXPECT_THAT(options_.connect.jwt.assigns, ::testing::IsEmpty());
}

TEST_F(BrokerConfigTest, AFileSaysWhoMayCallAndWhatFor) {
  const aerie::testing::CertificateFiles tls = aerie::testing::WriteCertificate(
      ::testing::TempDir() + "/broker_tls", "broker.test");
  const std::string token = ::testing::TempDir() + "/broker_service_token";
  std::ofstream(token) << "hush\n";
  EXPECT_EQ(LoadFile(absl::StrCat(R"(
listen: 0.0.0.0:4010
services:
  tokens:
  - {name: edges, token_file: )",
                                  token, R"(, scopes: [edge]}
  - {name: chat, token: hush-hush, scopes: [host, publish]}
  certificates:
  - {name: "spiffe://x/ops", scopes: [read, admin]}
tls: {certificate_file: )",
                                  tls.certificate, ", key_file: ", tls.key,
                                  ", client_ca_file: ", tls.certificate, "}")),
            "");
  const ServicesOptions& services = options_.services;
  ASSERT_EQ(services.tokens.size(), 2u);
  EXPECT_EQ(services.tokens[0].name, "edges");
  EXPECT_EQ(services.tokens[0].token_file, token);
  EXPECT_THAT(services.tokens[0].scopes, ElementsAre("edge"));
  EXPECT_EQ(services.tokens[1].token, "hush-hush");
  EXPECT_THAT(services.tokens[1].scopes, ElementsAre("host", "publish"));
  ASSERT_EQ(services.certificates.size(), 1u);
  EXPECT_EQ(services.certificates[0].name, "spiffe://x/ops");
  EXPECT_THAT(services.certificates[0].scopes, ElementsAre("read", "admin"));
  EXPECT_EQ(options_.tls.client_ca_file, tls.certificate);
  EXPECT_THAT(Load({"--print-config"}), Not(HasSubstr("hush")));
}

struct Broken {
  const char* yaml;
  const char* error;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.yaml; }

class BrokenBrokerFileTest : public BrokerConfigTest,
                             public ::testing::WithParamInterface<Broken> {};

TEST_P(BrokenBrokerFileTest, SaysWhereAndWhatWasExpected) {
  EXPECT_THAT(LoadFile(GetParam().yaml), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenBrokerFileTest,
    ::testing::Values(
        Broken{"listen: 0.0.0.0:4010",
               "broker.yaml:1:9: listen: address 0.0.0.0:4010 can be reached "
               "from other machines"},
        Broken{"routes: [{pattern: 'a:*', host: nobody}]",
               "broker.yaml:1:20: routes[0].pattern: no such host\n"},
        Broken{"routes: [{pattern: a, host: b}, {pattern: a, host: c}]",
               "broker.yaml:1:9: routes: \"a\" stands here twice\n"},
        Broken{"routes: [{pattern: a, host: b, options: x}]",
               "routes[0].options: expected a map of texts or lists of texts, "
               "got \"x\"\n"},
        Broken{"connect: {rule: token}",
               "broker.yaml:1:17: connect.rule: expected allow or tokens or "
               "jwt, got "
               "\"token\"\n"},
        Broken{"connect: {rule: tokens}",
               "connect.tokens: expected at least one, because of `rule: "
               "tokens`\n"},
        Broken{"connect: {tokens: [{token: hush}]}",
               "broker.yaml:1:19: connect.tokens: nobody asks for them: "
               "expected `rule: tokens`\n"},
        Broken{"connect: {rule: tokens, tokens: [{socket_id: x}]}",
               "connect.tokens[0].token: expected one of token and "
               "token_file\n"},
        Broken{"connect: {rule: tokens, tokens: [{token: a, token_file: b}]}",
               "broker.yaml:1:42: connect.tokens[0].token: expected one of "
               "token and token_file\n"},
        Broken{"connect: {rule: tokens, tokens: [{token_file: /nowhere}]}",
               "broker.yaml:1:33: connect.tokens: "},
        Broken{"connect: {rule: jwt}",
               "connect.jwt: expected keys or a jwks_file, because of `rule: "
               "jwt`\n"},
        Broken{"connect: {jwt: {jwks_file: /nowhere}}",
               "broker.yaml:1:16: connect.jwt: nobody asks for its keys: "
               "expected `rule: jwt`\n"},
        Broken{"connect: {rule: jwt, jwt: {jwks_file: /nowhere}}",
               "broker.yaml:1:27: connect.jwt: cannot read /nowhere\n"},
        Broken{"connect: {rule: jwt, jwt: {keys: [{file: /nowhere}]}}",
               "connect.jwt: keys[0]: cannot read /nowhere\n"},
        Broken{"connect: {rule: jwt, jwt: {keys: [{algorithm: none}]}}",
               "connect.jwt.keys[0].algorithm: expected HS256 or RS256 or "
               "ES256 or EdDSA, got \"none\"\n"},
        Broken{"connect: {rule: jwt, jwt: {keys: [{kid: a}]}}",
               "connect.jwt.keys[0].file: expected one of file, secret_file "
               "and secret_env\n"},
        Broken{"connect: {rule: jwt, jwt: {keys: [{file: a, secret_env: B}]}}",
               "connect.jwt.keys[0].file: expected one of file, secret_file "
               "and secret_env\n"},
        Broken{"connect: {jwt: {leeway: 2m}}",
               "connect.jwt.leeway: expected duration from 0 to 1m, got "
               "\"2m\"\n"},
        Broken{"connect: {mounts: [{path: admin}]}",
               "broker.yaml:1:19: connect.mounts: expected a path that starts "
               "with a slash in each\n"},
        Broken{"connect: {mounts: [{path: /a}, {path: /a}]}",
               "broker.yaml:1:19: connect.mounts: \"/a\" stands here twice\n"},
        Broken{"connect: {mounts: [{path: /a, rule: tokens}]}",
               "connect.mounts[0].tokens: expected at least one, because of "
               "`rule: tokens`\n"},
        Broken{"connect: {mounts: [{path: /a, rule: jwt}]}",
               "connect.mounts[0].jwt: expected keys or a jwks_file, because "
               "of `rule: jwt`\n"},
        Broken{"resume: {key_file: /nowhere}",
               "broker.yaml:1:20: resume.key_file: "},
        Broken{"services: {tokens: [{name: a, token: hush, scopes: [read, "
               "write]}]}",
               "broker.yaml:1:59: services.tokens[0].scopes[1]: expected read, "
               "publish, admin, host or edge, got \"write\"\n"},
        Broken{"services: {tokens: [{name: a, token: hush}]}",
               "services.tokens[0].scopes: expected at least one\n"},
        Broken{"services: {tokens: [{token: hush, scopes: [read]}]}",
               "services.tokens[0].name: expected a name\n"},
        Broken{"services: {tokens: [{name: a, scopes: [read]}]}",
               "services.tokens[0].token: expected one of token, token_file "
               "and token_env\n"},
        Broken{"services: {tokens: [{name: a, token: hush, token_env: A, "
               "scopes: [read]}]}",
               "broker.yaml:1:38: services.tokens[0].token: expected one of "
               "token, token_file and token_env\n"},
        Broken{"services: {tokens: [{name: a, token: ' ', scopes: [read]}]}",
               "services.tokens[0].token: token is empty\n"},
        Broken{"services: {tokens: [{name: a, token_file: /nowhere, scopes: "
               "[read]}]}",
               "broker.yaml:1:43: services.tokens[0].token_file: cannot read "
               "/nowhere\n"},
        Broken{"services: {tokens: [{name: a, token_file: /dev/null, scopes: "
               "[read]}]}",
               "services.tokens[0].token_file: /dev/null is empty\n"},
        Broken{"services: {tokens: [{name: a, token_env: AERIE_NO_SUCH, "
               "scopes: [read]}]}",
               "broker.yaml:1:42: services.tokens[0].token_env: $AERIE_NO_SUCH "
               "is not set\n"},
        Broken{"services: {certificates: [{name: a, scopes: [root]}]}",
               "services.certificates[0].scopes[0]: expected read, "},
        Broken{"services: {certificates: [{name: a, scopes: [read]}]}",
               "broker.yaml:1:26: services.certificates: nobody can show one "
               "without tls.client_ca_file\n"},
        Broken{"tls: {certificate_file: /nowhere}",
               "broker.yaml:1:25: tls.certificate_file: certificate_file and "
               "key_file belong together\n"},
        Broken{"tls: {key_file: /nowhere}",
               "tls.certificate_file: certificate_file and key_file belong "
               "together\n"},
        Broken{"tls: {client_ca_file: /nowhere}",
               "tls.certificate_file: client_ca_file without "
               "certificate_file: there is no TLS\n"},
        Broken{"tls: {certificate_file: /nowhere, key_file: /nowhere}",
               "tls.certificate_file: cannot read /nowhere\n"},
        Broken{"tls: {certificate_file: /proc/self/status, key_file: "
               "/proc/self/status}",
               "tls.certificate_file: cannot use /proc/self/status: "},
        Broken{"limits: {channels_per_socket_max: infinity}",
               "expected integer from 1 to 1000000, got \"infinity\"\n"}));

TEST_F(BrokerConfigTest, WhatIsPrintedIsAValidFile) {
  const std::string printed = Load({"--print-config"});
  EXPECT_EQ(LoadFile(printed), "");
  EXPECT_EQ(Load({"--print-config"}), printed);
}

TEST_F(BrokerConfigTest, NoTwoKeysShareAVariable) {
  std::set<std::string> names = {"AERIE_BROKER_CONFIG"};
  for (const config::Entry& entry : config::Entries(root_)) {
    EXPECT_TRUE(names.insert(config::VariableName(kProgram, entry.path)).second)
        << entry.path;
  }
}

}  // namespace
}  // namespace aerie::broker
