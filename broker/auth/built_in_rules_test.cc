#include "broker/auth/built_in_rules.h"

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

// `admitted <socket id> <assigns>` or `denied <status> <body>`.
std::string Decide(ConnectRule& rule, const v1::Connect& request) {
  std::string said = "nothing";
  rule.Decide(request, [&said](ConnectVerdict verdict) {
    if (const auto* admission = std::get_if<Admission>(&verdict)) {
      said = "admitted " + admission->socket_id + " " + admission->assigns;
    } else {
      const Denial& denial = std::get<Denial>(verdict);
      said = "denied " + std::to_string(denial.status) + " " + denial.body;
    }
  });
  return said;
}

void AddParam(v1::Connect& request, const char* name, const char* value) {
  v1::Field& field = *request.add_params();
  field.set_name(name);
  field.set_value(value);
}

absl::StatusOr<std::unique_ptr<ConnectRule>> Make(
    const ConnectOptions& options) {
  static MetricsRegistry registry;
  static Metrics metrics(registry);
  static const Limits limits;
  return MakeConnectRule(options, limits, Clock::Real(), metrics);
}

TokenOptions Token(const char* token, const char* socket_id = "",
                   std::map<std::string, std::string> assigns = {}) {
  TokenOptions options;
  options.token = token;
  options.socket_id = socket_id;
  options.assigns = std::move(assigns);
  return options;
}

std::unique_ptr<ConnectRule> Tokens(std::vector<TokenOptions> tokens) {
  ConnectOptions options;
  options.rule = ConnectOptions::Rule::kTokens;
  options.tokens = std::move(tokens);
  return Make(options).value();
}

TEST(AllowRuleTest, EverybodyGetsIn) {
  const auto rule = Make({}).value();
  EXPECT_EQ(Decide(*rule, {}), "admitted  ");
}

TEST(AllowRuleTest, AParamMayNameTheSocket) {
  ConnectOptions options;
  options.socket_id_param = "user";
  const auto rule = Make(options).value();
  v1::Connect request;
  EXPECT_EQ(Decide(*rule, request), "admitted  ");
  AddParam(request, "user", "users:1");
  AddParam(request, "user", "users:2");
  AddParam(request, "other", "users:3");
  EXPECT_EQ(Decide(*rule, request), "admitted users:2 ");
}

TEST(TokenRuleTest, ATokenOpensItsSocket) {
  const auto rule = Tokens(
      {Token("s3cret", "users:42"),
       Token("other", "users:43", {{"name", "A \"B\""}, {"role", "x"}})});
  v1::Connect request;
  request.set_token("s3cret");
  EXPECT_EQ(Decide(*rule, request), "admitted users:42 ");
  request.set_token("other");
  EXPECT_EQ(Decide(*rule, request),
            R"(admitted users:43 {"name":"A \"B\"","role":"x"})");
}

TEST(TokenRuleTest, AnyOtherIsDenied) {
  const auto rule = Tokens({Token("s3cret")});
  v1::Connect request;
  EXPECT_EQ(Decide(*rule, request), "denied 403 ");
  for (const char* token : {"", "s3cre", "s3cret ", "S3cret", "s3cret\n"}) {
    request.set_token(token);
    EXPECT_EQ(Decide(*rule, request), "denied 403 ") << token;
  }
}

TEST(TokenRuleTest, TheParamCountsOnlyWithoutAnAuthToken) {
  const auto rule = Tokens({Token("s3cret")});
  v1::Connect request;
  AddParam(request, "token", "wrong");
  AddParam(request, "token", "s3cret");
  EXPECT_EQ(Decide(*rule, request), "admitted  ");
  request.set_token("wrong");
  EXPECT_EQ(Decide(*rule, request), "denied 403 ");
}

TEST(TokenRuleTest, WithoutTokensNobodyGetsIn) {
  const auto rule = Tokens({});
  v1::Connect request;
  request.set_token("");
  EXPECT_EQ(Decide(*rule, request), "denied 403 ");
}

TEST(TokenRuleTest, AFileHoldsAToken) {
  const std::string path = ::testing::TempDir() + "/token";
  std::ofstream(path) << "s3cret\n";
  TokenOptions in_file;
  in_file.token_file = path;
  const auto rule = Tokens({in_file});
  v1::Connect request;
  request.set_token("s3cret");
  EXPECT_EQ(Decide(*rule, request), "admitted  ");
}

TEST(TokenRuleTest, AnEmptyTokenOrAMissingFileIsAnError) {
  ConnectOptions options;
  options.rule = ConnectOptions::Rule::kTokens;
  options.tokens = {TokenOptions{}};
  EXPECT_FALSE(Make(options).ok());
  options.tokens[0].token_file = "/nonexistent/token";
  EXPECT_FALSE(Make(options).ok());
}

TEST(MountRulesTest, AMountMayHaveARuleOfItsOwn) {
  ConnectOptions options;
  options.mounts.resize(1);
  options.mounts[0].path = "/admin";
  options.mounts[0].rule = ConnectOptions::Rule::kTokens;
  options.mounts[0].tokens = {Token("s3cret", "admins")};
  const auto rule = Make(options).value();
  v1::Connect request;
  request.set_mount("/socket");
  EXPECT_EQ(Decide(*rule, request), "admitted  ");
  request.set_mount("/admin");
  EXPECT_EQ(Decide(*rule, request), "denied 403 ");
  request.set_token("s3cret");
  EXPECT_EQ(Decide(*rule, request), "admitted admins ");
  request.set_mount("/admin/");
  EXPECT_EQ(Decide(*rule, request), "admitted  ");
}

TEST(MountRulesTest, ItsFilesAreReadAsWell) {
  ConnectOptions options;
  options.mounts.resize(1);
  options.mounts[0].path = "/admin";
  options.mounts[0].rule = ConnectOptions::Rule::kJwt;
  options.mounts[0].jwt.jwks_file = "/nonexistent/jwks";
  EXPECT_FALSE(Make(options).ok());
  EXPECT_FALSE(CheckRule(options.mounts[0]).ok());
  EXPECT_TRUE(CheckRule(options).ok());
}

}  // namespace
}  // namespace aerie::broker
