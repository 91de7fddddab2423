#include "broker/auth/jwks.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/auth/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char kSecret[] = "a secret of more than thirty-two bytes";

absl::StatusOr<Jwks> Parse(absl::string_view keys) {
  return ParseJwks(absl::StrCat(R"({"keys":[)", keys, "]}"), 10);
}

// The reason why the only key is not taken.
std::string Refused(absl::string_view key) {
  const absl::Status status = Parse(key).status();
  EXPECT_FALSE(status.ok()) << key;
  return std::string(status.message());
}

TEST(JwksTest, EachKindOfKeyChecksTheTokensOfItsIssuer) {
  const Issuer hmac(kSecret, "h");
  const Issuer rsa(JwsAlgorithm::kRs256, "r");
  const Issuer ec(JwsAlgorithm::kEs256, "e");
  const Issuer edwards(JwsAlgorithm::kEdDsa);
  const auto jwks = Parse(absl::StrCat(hmac.Jwk(), ",", rsa.Jwk(), ",",
                                       ec.Jwk(), ",", edwards.Jwk()));
  ASSERT_TRUE(jwks.ok()) << jwks.status();
  EXPECT_THAT(jwks->skipped, IsEmpty());
  ASSERT_EQ(jwks->keys.size(), 4u);
  const Issuer* issuers[] = {&hmac, &rsa, &ec, &edwards};
  for (size_t i = 0; i < 4; ++i) {
    const JwsKey& key = jwks->keys[i];
    const JwsKey same = issuers[i]->Key();
    EXPECT_EQ(key.algorithm(), same.algorithm());
    EXPECT_EQ(key.kid(), same.kid());
    const std::string token = issuers[i]->Token("{}");
    const size_t dot = token.rfind('.');
    std::string signature;
    ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(dot + 1), &signature));
    EXPECT_TRUE(key.Verify(token.substr(0, dot), signature)) << i;
    EXPECT_FALSE(key.Verify(token.substr(0, dot - 1), signature)) << i;
  }
}

TEST(JwksTest, KeysForOtherThingsAreSkipped) {
  const Issuer good(JwsAlgorithm::kEdDsa);
  const std::string jwk = good.Jwk();
  const auto with = [&jwk](absl::string_view member) {
    return absl::StrReplaceAll(jwk, {{"}", absl::StrCat(",", member, "}")}});
  };
  const auto jwks = Parse(absl::StrCat(
      with(R"("use":"enc")"), ",", with(R"("key_ops":["sign"])"), ",",
      with(R"("alg":"ES256")"), ",", with(R"("kid":7)"), R"(,{"kty":"XYZ"},)",
      with(R"("use":"sig","key_ops":["verify"],"alg":"EdDSA")")));
  ASSERT_TRUE(jwks.ok()) << jwks.status();
  EXPECT_EQ(jwks->keys.size(), 1u);
  EXPECT_THAT(
      jwks->skipped,
      ElementsAre("keys[0]: not for signatures", "keys[1]: not for signatures",
                  "keys[2]: an alg that is not known for its kty",
                  "keys[3]: a kid that is no text",
                  "keys[4]: a kty that is not known"));
}

TEST(JwksTest, BrokenKeysAreNotTaken) {
  const std::string ec = Issuer(JwsAlgorithm::kEs256).Jwk();
  for (const std::string& key :
       {std::string(R"({"kty":"RSA","n":"AQAB"})"),
        std::string(R"({"kty":"RSA","n":"a=","e":"AQAB"})"),
        std::string(R"({"kty":"OKP","crv":"Ed25519","x":"AQAB"})"),
        std::string(R"({"kty":"OKP","crv":"Ed448","x":"AQAB"})"),
        absl::StrReplaceAll(ec, {{"P-256", "P-384"}}),
        // Not on the curve.
        absl::StrReplaceAll(
            ec, {{R"("x":")", R"("z":")"},
                 {R"("y":")", R"("x":")"},
                 {R"("kty")", absl::StrCat(R"("y":")", std::string(43, 'A'),
                                           R"(","kty")")}})}) {
    EXPECT_THAT(Refused(key), HasSubstr("a key that is broken")) << key;
  }
  EXPECT_THAT(Refused("7"), HasSubstr("no object"));
}

TEST(JwksTest, WeakKeysAreNotTaken) {
  EXPECT_THAT(Refused(R"({"kty":"oct","k":"c2hvcnQ"})"),
              HasSubstr("32 bytes or more"));
  EXPECT_THAT(Refused(R"({"kty":"oct"})"), HasSubstr("32 bytes or more"));
  const std::string modulus(171, '_');  // 1024 bits.
  EXPECT_THAT(Refused(absl::StrCat(R"({"kty":"RSA","e":"AQAB","n":")",
                                   modulus.substr(0, 170), "8\"}")),
              HasSubstr("2048 bits or more"));
}

TEST(JwksTest, OtherTextsAreNoKeySet) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})",
                           R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(ParseJwks(text, 10).ok()) << text;
  }
  const std::string key = Issuer(kSecret, "").Jwk();
  EXPECT_TRUE(Parse(key).ok());
  EXPECT_FALSE(
      ParseJwks(absl::StrCat(R"({"keys":[)", key, ",", key, "]}"), 1).ok());
}

}  // namespace
}  // namespace aerie::broker
