#include "broker/auth/jws.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/auth/jwks.h"
#include "broker/auth/testing/tokens.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

constexpr uint32_t kBytesMax = 8 << 10;
const char kSecret[] = "a secret of more than thirty-two bytes";
const char kPayload[] = R"({"sub":"42"})";

// The payload, or why there is none.
std::string Verify(absl::string_view token, const JwsKeys& keys) {
  const auto verdict = VerifyJws(token, keys, kBytesMax);
  if (const auto* payload = std::get_if<std::string>(&verdict)) return *payload;
  return std::string(TokenErrorName(std::get<TokenError>(verdict)));
}

JwsKeys Keys(absl::string_view jwk) {
  return ParseJwks(absl::StrCat(R"({"keys":[)", jwk, "]}"), 1).value().keys;
}

// RFC 7515, appendix A.1 to A.3: one payload, three signatures.
const char kRfcPayload[] =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
    "\"http://example.com/is_root\":true}";
const char kRfcEncoded[] =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS"
    "9pc19yb290Ijp0cnVlfQ";

struct Vector {
  const char* name;
  const char* jwk;
  const char* header;
  const char* payload;
  const char* signature;
  const char* content;
};

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.name; }

class JwsVectorTest : public testing::TestWithParam<Vector> {
 protected:
  static std::string Token() {
    return absl::StrCat(GetParam().header, ".", GetParam().payload, ".",
                        GetParam().signature);
  }
};

TEST_P(JwsVectorTest, IsVerified) {
  EXPECT_EQ(Verify(Token(), Keys(GetParam().jwk)), GetParam().content);
}

TEST_P(JwsVectorTest, NotWhenAnythingIsTamperedWith) {
  const JwsKeys keys = Keys(GetParam().jwk);
  const std::string token = Token();
  for (size_t i = 0; i < token.size(); ++i) {
    std::string tampered = token;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Verify(tampered, keys), GetParam().content) << i;
  }
}

TEST_P(JwsVectorTest, NotWhenAnythingIsCutOffOrAdded) {
  const JwsKeys keys = Keys(GetParam().jwk);
  const std::string token = Token();
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_NE(Verify(token.substr(0, size), keys), GetParam().content) << size;
  }
  for (const char* more : {"A", "AAAA", "=", ".", ".A", " ", "\n"}) {
    EXPECT_NE(Verify(token + more, keys), GetParam().content) << more;
    EXPECT_NE(Verify(more + token, keys), GetParam().content) << more;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc, JwsVectorTest,
    testing::Values(
        Vector{"RFC 7515 A.1",
               R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr)"
               R"(_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
               "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", kRfcEncoded,
               "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", kRfcPayload},
        Vector{"RFC 7515 A.2",
               R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fA)"
               R"(kd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm)"
               R"(4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wG)"
               R"(zjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WT)"
               R"(BEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7a)"
               R"(GhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54)"
               R"(h4FRWyuXpoQ"})",
               "eyJhbGciOiJSUzI1NiJ9", kRfcEncoded,
               "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh"
               "7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYN"
               "X4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Q"
               "e7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no"
               "OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlV"
               "mtVrBp0igcN_IoypGlUPQGe77Rw",
               kRfcPayload},
        Vector{"RFC 7515 A.3",
               R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76)"
               R"(e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIW)"
               R"(I5a0"})",
               "eyJhbGciOiJFUzI1NiJ9", kRfcEncoded,
               "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlS"
               "ApmWQxfKTUJqPP3-Kg6NU1Q",
               kRfcPayload},
        Vector{"RFC 8037 A.4",
               R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcv)"
               R"(PapiMlrwIaaPcHURo"})",
               "eyJhbGciOiJFZERTQSJ9", "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
               "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5"
               "BhVsPt9g7sVvpAr_MuM0KAg",
               "Example of Ed25519 signing"}));

class JwsTest : public testing::Test {
 protected:
  const Issuer hmac_{kSecret, ""};
  const JwsKeys hmac_keys_ = {hmac_.Key()};
};

// RFC 7519, section 6.1.
TEST_F(JwsTest, AnUnsecuredTokenIsRefused) {
  const std::string unsecured =
      absl::StrCat("eyJhbGciOiJub25lIn0.", kRfcEncoded, ".");
  EXPECT_EQ(Verify(unsecured, hmac_keys_), "algorithm");
  for (const char* none : {"none", "None", "NONE", "", "nOnE"}) {
    const std::string header = absl::StrCat(R"({"alg":")", none, "\"}");
    EXPECT_EQ(Verify(hmac_.Token(header, kPayload), hmac_keys_), "algorithm");
  }
}

TEST_F(JwsTest, APublicKeyIsNoSecret) {
  const Issuer rsa(JwsAlgorithm::kRs256);
  const Issuer forger(rsa.Pem(), "");
  const JwsKeys keys = {rsa.Key()};
  EXPECT_EQ(Verify(forger.Token(kPayload), keys), "algorithm");
  EXPECT_EQ(Verify(forger.Token(R"({"alg":"RS256"})", kPayload), keys),
            "bad_signature");
  EXPECT_FALSE(JwsKey::FromSecret(rsa.Pem(), "").ok());
}

TEST_F(JwsTest, AKeyIsForItsAlgorithmOnly) {
  const Issuer rsa(JwsAlgorithm::kRs256);
  const JwsKeys keys = {rsa.Key()};
  for (const char* other :
       {"HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "RSA"}) {
    const std::string header = absl::StrCat(R"({"alg":")", other, "\"}");
    EXPECT_EQ(Verify(rsa.Token(header, kPayload), keys), "algorithm") << other;
  }
  for (const JwsAlgorithm other :
       {JwsAlgorithm::kHs256, JwsAlgorithm::kEs256, JwsAlgorithm::kEdDsa}) {
    EXPECT_FALSE(JwsKey::FromPem(other, rsa.Pem(), "").ok());
  }
}

TEST_F(JwsTest, ATokenWithoutKidIsTriedWithAllKeysOfItsAlgorithm) {
  const Issuer first(JwsAlgorithm::kEdDsa, "1");
  const Issuer second(JwsAlgorithm::kEdDsa, "2");
  const JwsKeys keys = {hmac_.Key(), first.Key(), second.Key()};
  const char header[] = R"({"alg":"EdDSA"})";
  EXPECT_EQ(Verify(first.Token(header, kPayload), keys), kPayload);
  EXPECT_EQ(Verify(second.Token(header, kPayload), keys), kPayload);
  EXPECT_EQ(Verify(Issuer(JwsAlgorithm::kEdDsa).Token(kPayload), keys),
            "bad_signature");
}

TEST_F(JwsTest, AKidNamesTheKey) {
  const Issuer first(JwsAlgorithm::kEdDsa, "1");
  const Issuer second(JwsAlgorithm::kEdDsa, "2");
  const JwsKeys keys = {hmac_.Key(), first.Key(), second.Key()};
  EXPECT_EQ(Verify(first.Token(kPayload), keys), kPayload);
  EXPECT_EQ(
      Verify(second.Token(R"({"alg":"EdDSA","kid":"1"})", kPayload), keys),
      "bad_signature");
  EXPECT_EQ(Verify(first.Token(R"({"alg":"EdDSA","kid":"3"})", kPayload), keys),
            "unknown_key");
  EXPECT_EQ(Verify(first.Token(R"({"alg":"ES256","kid":"1"})", kPayload), keys),
            "algorithm");
  // Not even a key without a name is meant by an empty one.
  EXPECT_EQ(Verify(hmac_.Token(R"({"alg":"HS256","kid":""})", kPayload), keys),
            "unknown_key");
}

TEST_F(JwsTest, KeysOfOneNameAreAllTried) {
  const Issuer one(JwsAlgorithm::kEdDsa, "k");
  const Issuer other(JwsAlgorithm::kEs256, "k");
  const JwsKeys keys = {one.Key(), other.Key()};
  EXPECT_EQ(Verify(one.Token(kPayload), keys), kPayload);
  EXPECT_EQ(Verify(other.Token(kPayload), keys), kPayload);
}

TEST_F(JwsTest, ExtensionsThatMustBeUnderstoodAreNot) {
  for (const char* header :
       {R"({"alg":"HS256","crit":["exp"],"exp":1})",
        R"({"alg":"HS256","crit":["b64"],"b64":false})",
        R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","crit":null})"}) {
    EXPECT_EQ(Verify(hmac_.Token(header, kPayload), hmac_keys_), "critical");
  }
}

TEST_F(JwsTest, KeysInTheHeaderAreNotUsed) {
  const Issuer forger("another secret of thirty-two bytes.", "");
  const std::string header = absl::StrCat(
      R"({"alg":"HS256","jku":"https://evil","jwk":)", forger.Jwk(), "}");
  EXPECT_EQ(Verify(forger.Token(header, kPayload), hmac_keys_),
            "bad_signature");
}

TEST_F(JwsTest, MalformedHeadersAreRefused) {
  for (const char* header :
       {"", "{}", "[]", "null", "HS256", R"({"typ":"JWT"})", R"({"alg":256})",
        R"({"alg":null})", R"({"alg":["HS256"]})", R"({"ALG":"HS256"})",
        R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
        R"({"alg":"HS256","kid":1})", R"({"alg":"HS256","kid":null})",
        "{\"alg\":\"HS256\"} x", R"({"alg":"HS256"}{})",
        "\xEF\xBB\xBF{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"x\":\"\xff\"}"}) {
    EXPECT_EQ(Verify(hmac_.Token(header, kPayload), hmac_keys_), "malformed")
        << header;
  }
  const std::string nul("{\"alg\":\"HS256\"}\0", 16);
  EXPECT_EQ(Verify(hmac_.Token(nul, kPayload), hmac_keys_), "malformed");
}

TEST_F(JwsTest, OtherSpellingsOfAPartAreRefused) {
  const std::vector<std::string> parts =
      absl::StrSplit(hmac_.Token(kPayload), '.');
  const auto token = [](const std::string& a, const std::string& b,
                        const std::string& c) {
    return absl::StrCat(a, ".", b, ".", c);
  };
  ASSERT_EQ(Verify(token(parts[0], parts[1], parts[2]), hmac_keys_), kPayload);
  for (const char* more : {"=", "==", " ", "\n", "\t"}) {
    EXPECT_EQ(Verify(token(parts[0] + more, parts[1], parts[2]), hmac_keys_),
              "malformed");
    EXPECT_EQ(Verify(token(parts[0], parts[1] + more, parts[2]), hmac_keys_),
              "malformed");
    EXPECT_EQ(Verify(token(parts[0], parts[1], parts[2] + more), hmac_keys_),
              "malformed");
  }
  // The last character of a MAC has two bits to spare.
  std::string stray = parts[2];
  ++stray.back();
  EXPECT_EQ(Verify(token(parts[0], parts[1], stray), hmac_keys_), "malformed");
}

TEST_F(JwsTest, OtherShapesAreRefused) {
  EXPECT_EQ(Verify("", hmac_keys_), "missing");
  for (const char* token :
       {".", "..", "...", "a", "a.b", "a.b.c.d", "a.b.c.d.e",
        R"({"payload":"","signatures":[]})", "\xff"}) {
    EXPECT_EQ(Verify(token, hmac_keys_), "malformed") << token;
  }
  const std::string token = hmac_.Token(kPayload);
  EXPECT_EQ(Verify(token.substr(0, token.rfind('.') + 1), hmac_keys_),
            "bad_signature");
}

TEST_F(JwsTest, ALongTokenIsNotLookedAt) {
  const size_t overhead = hmac_.Token("").size();
  const std::string longest((kBytesMax - overhead) * 3 / 4, 'x');
  EXPECT_EQ(Verify(hmac_.Token(longest), hmac_keys_), longest);
  EXPECT_EQ(Verify(hmac_.Token(longest + "xxx"), hmac_keys_), "too_large");
}

TEST_F(JwsTest, WithoutKeysNothingIsValid) {
  EXPECT_EQ(Verify(hmac_.Token(kPayload), {}), "unknown_key");
}

TEST_F(JwsTest, SecretsAreNotShort) {
  EXPECT_FALSE(JwsKey::FromSecret(std::string(31, 'x'), "").ok());
  EXPECT_TRUE(JwsKey::FromSecret(std::string(32, 'x'), "").ok());
}

TEST_F(JwsTest, OnlyAPublicKeyIsTakenFromPem) {
  for (const char* pem :
       {"", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    EXPECT_FALSE(JwsKey::FromPem(JwsAlgorithm::kRs256, pem, "").ok()) << pem;
  }
}

}  // namespace
}  // namespace aerie::broker
