#include "broker/auth/base64url.h"

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

TEST(Base64UrlTest, BytesAreDecoded) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("Zg"), "f");
  EXPECT_EQ(DecodeBase64Url("Zm8"), "fo");
  EXPECT_EQ(DecodeBase64Url("Zm9v"), "foo");
  // RFC 7515, appendix C.
  EXPECT_EQ(DecodeBase64Url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");
}

TEST(Base64UrlTest, OtherSpellingsAreRefused) {
  for (const char* text :
       {"Zg==", "Zm8=", "Z", "Zm9vY", "A+z/4ME", " Zg", "Zg ", "Z\ng", "Zm.v",
        "Zh", "Zm9", "Zm-", "Zg\n", "=", "Zm9vZ==="}) {
    EXPECT_EQ(DecodeBase64Url(text), absl::nullopt) << text;
  }
  EXPECT_EQ(DecodeBase64Url(absl::string_view("Zg\0", 3)), absl::nullopt);
}

}  // namespace
}  // namespace aerie::broker
