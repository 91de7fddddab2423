#include "broker/auth/jwt_rule.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "broker/auth/testing/tokens.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

// The clock of the tests says 1000.
const char kClaims[] =
    R"({"exp":1100,"sub":"42","name":"A \"B\"","rooms":["a","b"],"org":{"id":7}})";

class JwtRuleTest : public testing::Test {
 protected:
  JwtRuleTest() { options_.jwks_file = WriteJwks("rule", issuer_.Jwk()); }

  absl::Status Make() {
    return JwtRule::Create(options_, limits_, clock_, metrics_).status();
  }
  // `admitted <socket id> <assigns>` or `denied <status> <body>`.
  std::string Decide(const v1::Connect& request) {
    const auto rule =
        JwtRule::Create(options_, limits_, clock_, metrics_).value();
    std::string said = "nothing";
    rule->Decide(request, [&](ConnectVerdict verdict) {
      if (const auto* admission = std::get_if<Admission>(&verdict)) {
        said = "admitted " + admission->socket_id + " " + admission->assigns;
        grant_ = admission->grant;
      } else {
        const Denial& denial = std::get<Denial>(verdict);
        said = "denied " + std::to_string(denial.status) + " " + denial.body;
      }
    });
    return said;
  }
  std::string Show(absl::string_view claims) {
    v1::Connect request;
    request.set_token(issuer_.Token(claims));
    return Decide(request);
  }
  // Topics, then prefixes with their star.
  std::string Topics(absl::string_view claims) {
    Show(claims);
    std::vector<std::string> all = grant_->topics;
    for (const std::string& prefix : grant_->prefixes) {
      all.push_back(prefix + "*");
    }
    return absl::StrJoin(all, " ");
  }
  double Refused(TokenError error) const {
    return metrics_.tokens_refused[static_cast<int>(error)]->Value();
  }

  FakeClock clock_;
  Limits limits_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  const Issuer issuer_{"a secret of more than thirty-two bytes", "k"};
  JwtOptions options_;
  GrantPtr grant_;
};

TEST_F(JwtRuleTest, ByDefaultClaimsAreAssignedAndEverythingMayBeJoined) {
  EXPECT_EQ(Show(kClaims),
            R"(admitted  {"claims":{"exp":1100,"name":"A \"B\"","org":{"id":7})"
            R"(,"rooms":["a","b"],"sub":"42"}})");
  EXPECT_EQ(Topics(kClaims), "*");
  EXPECT_EQ(grant_->expires, absl::FromUnixSeconds(1'105)) << "with leeway";
}

TEST_F(JwtRuleTest, TemplatesMakeIdAndAssigns) {
  options_.socket_id = "users:{sub}";
  options_.assigns = {{"user", "{sub}"},
                      {"rooms", "{rooms}"},
                      {"org", "org-{org.id}"},
                      {"gone", "{missing}"}};
  EXPECT_EQ(
      Show(kClaims),
      R"(admitted users:42 {"org":"org-7","rooms":["a","b"],"user":"42"})");
  options_.assigns = {};
  EXPECT_EQ(Show(kClaims), "admitted users:42 ");
}

TEST_F(JwtRuleTest, AClaimThatTheIdNeedsMustBeThere) {
  options_.socket_id = "users:{sub}";
  EXPECT_EQ(Show(R"({"exp":1100})"), "denied 403 ");
  EXPECT_EQ(Show(R"({"exp":1100,"sub":""})"), "denied 403 ");
  EXPECT_EQ(Show(R"({"exp":1100,"sub":["42"]})"), "denied 403 ");
  EXPECT_EQ(Refused(TokenError::kClaimMissing), 3);
}

TEST_F(JwtRuleTest, ClaimsSayWhichTopicsMayBeJoined) {
  options_.topics = {"room:{claims.rooms}", "user:{sub}:*", "lobby",
                     "team:{missing}", "vip:{missing}*"};
  EXPECT_EQ(Topics(kClaims), "room:a room:b lobby user:42:*");
  options_.topics = {};
  EXPECT_EQ(Topics(kClaims), "");
}

TEST_F(JwtRuleTest, AStarInAClaimIsNoPattern) {
  options_.topics = {"room:{rooms}", "user:{sub}:*"};
  Show(R"({"exp":1100,"rooms":["*"],"sub":"*"})");
  EXPECT_EQ(*grant_,
            (Grant{{"room:*"}, {"user:*:"}, absl::FromUnixSeconds(1'105)}));
}

TEST_F(JwtRuleTest, TooManyTopicsAreRefused) {
  limits_.grant_topics_max = 3;
  options_.topics = {"room:{rooms}", "user:{sub}:*"};
  EXPECT_EQ(Topics(kClaims), "room:a room:b user:42:*");
  limits_.grant_topics_max = 2;
  EXPECT_EQ(Show(kClaims), "denied 403 ");
  EXPECT_EQ(Refused(TokenError::kTooManyTopics), 1);
}

TEST_F(JwtRuleTest, ATokenMayStandInAParam) {
  v1::Connect request;
  v1::Field& field = *request.add_params();
  field.set_name("token");
  field.set_value(issuer_.Token(kClaims));
  EXPECT_THAT(Decide(request), HasSubstr("admitted"));
  options_.param = "jwt";
  EXPECT_EQ(Decide(request), "denied 403 ");
  field.set_name("jwt");
  EXPECT_THAT(Decide(request), HasSubstr("admitted"));
  // The one that is no param counts alone.
  request.set_token("x");
  EXPECT_EQ(Decide(request), "denied 403 ");
  request.clear_token();
  field.set_name("");
  options_.param = "";
  EXPECT_EQ(Decide(request), "denied 403 ");
}

TEST_F(JwtRuleTest, WhatIsRefusedIsCountedByItsReason) {
  EXPECT_EQ(Decide({}), "denied 403 ");
  EXPECT_EQ(Refused(TokenError::kMissing), 1);
  EXPECT_EQ(Show(R"({"exp":995})"), "denied 403 ");
  EXPECT_EQ(Refused(TokenError::kExpired), 1);
  options_.issuer = "id";
  EXPECT_EQ(Show(kClaims), "denied 403 ");
  EXPECT_EQ(Refused(TokenError::kIssuer), 1);
  EXPECT_THAT(
      registry_.Text(),
      HasSubstr("aerie_broker_tokens_refused_total{reason=\"expired\"} 1"));
}

TEST_F(JwtRuleTest, ANewKeyIsTakenWhenItsFileChanges) {
  const auto rule =
      JwtRule::Create(options_, limits_, clock_, metrics_).value();
  const Issuer next("the secret that comes after that one", "k2");
  v1::Connect request;
  request.set_token(next.Token(kClaims));
  const auto admitted = [&] {
    bool is = false;
    rule->Decide(request, [&is](const ConnectVerdict& verdict) {
      is = std::holds_alternative<Admission>(verdict);
    });
    return is;
  };
  EXPECT_FALSE(admitted());
  EXPECT_EQ(Refused(TokenError::kUnknownKey), 1);
  WriteJwks("rule", issuer_.Jwk() + "," + next.Jwk());
  clock_.AdvanceMs(1'000);
  EXPECT_TRUE(admitted());
}

TEST_F(JwtRuleTest, WhatIsNoTemplateOrPatternIsAnError) {
  EXPECT_TRUE(Make().ok());
  options_.socket_id = "users:{sub";
  EXPECT_THAT(Make().ToString(), HasSubstr("socket_id: \"users:{sub\": "));
  options_.socket_id = "";
  options_.assigns = {{"user", "{}"}};
  EXPECT_THAT(Make().ToString(), HasSubstr("assigns: \"{}\": "));
  options_.assigns = {};
  for (const char* pattern : {"a:*:b", "**", "*:{sub}", "room:{rooms"}) {
    options_.topics = {pattern};
    EXPECT_THAT(Make().ToString(), HasSubstr("topics: \"")) << pattern;
  }
}

}  // namespace
}  // namespace aerie::broker
