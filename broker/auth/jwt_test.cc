#include "broker/auth/jwt.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "broker/auth/jwks.h"
#include "broker/auth/testing/tokens.h"
#include "common/clock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kBytesMax = 8 << 10;

class JwtTest : public testing::Test {
 protected:
  // `ok`, or why not.
  std::string Check(absl::string_view claims) {
    return Verify(issuer_.Token(claims));
  }
  std::string Verify(absl::string_view token) {
    const auto verdict =
        VerifyJwt(token, keys_, rules_, clock_.Now(), kBytesMax);
    if (const auto* jwt = std::get_if<Jwt>(&verdict)) {
      last_ = *jwt;
      return "ok";
    }
    return std::string(TokenErrorName(std::get<TokenError>(verdict)));
  }

  // The clock says 1000.
  FakeClock clock_;
  const Issuer issuer_{"a secret of more than thirty-two bytes", ""};
  JwsKeys keys_ = {issuer_.Key()};
  ClaimRules rules_ = {.issuer = "", .audience = {}, .leeway = {}};
  Jwt last_;
};

// RFC 7519, section 3.1.
TEST_F(JwtTest, TheExampleOfTheRfcIsValidInItsTime) {
  keys_ = ParseJwks(
              R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoq)"
              R"(Q-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]})",
              1)
              .value()
              .keys;
  const char token[] =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN"
      "vbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  clock_.AdvanceMs(1'300'819'379'999 - clock_.NowMs());
  EXPECT_EQ(Verify(token), "ok");
  EXPECT_EQ(last_.claims["iss"], "joe");
  EXPECT_EQ(last_.claims["http://example.com/is_root"], true);
  EXPECT_EQ(last_.expires, absl::FromUnixSeconds(1'300'819'380));
  clock_.AdvanceMs(1);
  EXPECT_EQ(Verify(token), "expired");
}

TEST_F(JwtTest, ItExpires) {
  EXPECT_EQ(Check(R"({"exp":1001})"), "ok");
  EXPECT_EQ(last_.expires, absl::FromUnixSeconds(1'001));
  EXPECT_EQ(Check(R"({"exp":1000.5})"), "ok");
  EXPECT_EQ(Check(R"({"exp":1000})"), "expired");
  EXPECT_EQ(Check(R"({"exp":999})"), "expired");
  EXPECT_EQ(Check(R"({"exp":0})"), "expired");
  EXPECT_EQ(Check(R"({"exp":-1})"), "expired");
  EXPECT_EQ(Check(R"({"exp":-1e300})"), "expired");
}

TEST_F(JwtTest, ADistantEndIsNoEnd) {
  EXPECT_EQ(Check(R"({"exp":1e300})"), "ok");
  EXPECT_EQ(Check(R"({"exp":18446744073709551615})"), "ok");
}

TEST_F(JwtTest, LeewayIsForBothClocks) {
  rules_.leeway = absl::Seconds(5);
  EXPECT_EQ(Check(R"({"exp":996})"), "ok");
  EXPECT_EQ(last_.expires, absl::FromUnixSeconds(1'001));
  EXPECT_EQ(Check(R"({"exp":995})"), "expired");
  EXPECT_EQ(Check(R"({"exp":2000,"nbf":1005})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"nbf":1006})"), "not_yet_valid");
  EXPECT_EQ(Check(R"({"exp":2000,"iat":1005})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"iat":1006})"), "issued_later");
}

TEST_F(JwtTest, ItIsNotValidBeforeItsTime) {
  EXPECT_EQ(Check(R"({"exp":2000,"nbf":1000,"iat":1000})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"nbf":1000.1})"), "not_yet_valid");
  EXPECT_EQ(Check(R"({"exp":2000,"iat":1000.1})"), "issued_later");
}

TEST_F(JwtTest, AnExpiryIsRequiredUnlessConfiguredOtherwise) {
  EXPECT_EQ(Check("{}"), "no_expiry");
  rules_.expiry_required = false;
  EXPECT_EQ(Check("{}"), "ok");
  EXPECT_EQ(last_.expires, absl::InfiniteFuture());
  EXPECT_EQ(Check(R"({"exp":999})"), "expired");
}

TEST_F(JwtTest, TimesAreNumbers) {
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const char* value : {R"("2000")", "null", "true", "[2000]", "{}"}) {
      EXPECT_EQ(Check(absl::StrCat(R"({"x":1,")", name, "\":", value, "}")),
                "malformed");
    }
  }
}

TEST_F(JwtTest, TheIssuerIsOurs) {
  rules_.issuer = "https://id.example";
  EXPECT_EQ(Check(R"({"exp":2000,"iss":"https://id.example"})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"iss":"https://id.example/"})"), "issuer");
  EXPECT_EQ(Check(R"({"exp":2000,"iss":["https://id.example"]})"), "issuer");
  EXPECT_EQ(Check(R"({"exp":2000})"), "issuer");
}

TEST_F(JwtTest, TheAudienceIsUs) {
  rules_.audience = {"aerie", "chat"};
  EXPECT_EQ(Check(R"({"exp":2000,"aud":"chat"})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":["x",7,"aerie"]})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":"Aerie"})"), "audience");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":["x"]})"), "audience");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":[]})"), "audience");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":{"aerie":1}})"), "audience");
  EXPECT_EQ(Check(R"({"exp":2000})"), "audience");
}

TEST_F(JwtTest, WithoutAnAudienceOfOursItMustHaveNone) {
  EXPECT_EQ(Check(R"({"exp":2000})"), "ok");
  EXPECT_EQ(Check(R"({"exp":2000,"aud":"aerie"})"), "audience");
}

TEST_F(JwtTest, ClaimsAreAnObject) {
  for (const char* claims : {"", "7", "[]", "null", R"({"exp":2000)",
                             R"({"exp":1,"exp":2000})", R"({"exp":2000}{})"}) {
    EXPECT_EQ(Check(claims), "malformed") << claims;
  }
}

TEST_F(JwtTest, WhatNobodyHasSignedIsNotRead) {
  const Issuer forger("another secret of thirty-two bytes.", "");
  EXPECT_EQ(Verify(forger.Token("{}")), "bad_signature");
  EXPECT_EQ(Verify(forger.Token("no json")), "bad_signature");
  EXPECT_EQ(Verify(""), "missing");
}

}  // namespace
}  // namespace aerie::broker
