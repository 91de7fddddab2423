#include "edge/transport/subprotocol.h"

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

absl::StatusOr<Subprotocol> Choose(const char* header, bool auth_token,
                                   std::vector<std::string> served = {}) {
  MountOptions mount;
  mount.auth_token = auth_token;
  mount.subprotocols = std::move(served);
  return ChooseSubprotocol(std::string(header), mount);
}

TEST(SubprotocolTest, WithoutAHeaderNothingIsChosen) {
  MountOptions mount;
  mount.subprotocols = {"sip"};
  const auto subprotocol = ChooseSubprotocol(absl::nullopt, mount);
  ASSERT_TRUE(subprotocol.ok());
  EXPECT_EQ(subprotocol->chosen, "");
  EXPECT_EQ(subprotocol->token, absl::nullopt);
}

TEST(SubprotocolTest, AMountWithoutSubprotocolsIgnoresTheHeader) {
  EXPECT_EQ(Choose("sip, phoenix", false)->chosen, "");
}

TEST(SubprotocolTest, TheServersOrderDecides) {
  EXPECT_EQ(Choose("mqtt,sip", false, {"sip", "mqtt"})->chosen, "sip");
  EXPECT_EQ(Choose("phoenix, sip", true, {"sip"})->chosen, "phoenix");
  EXPECT_EQ(Choose("sip", true, {"sip"})->chosen, "sip");
}

TEST(SubprotocolTest, NothingInCommonIsRefused) {
  for (const char* header : {"SIP", "", " , ", "mqt"}) {
    EXPECT_EQ(Choose(header, false, {"sip", "mqtt"}).status().code(),
              absl::StatusCode::kPermissionDenied)
        << header;
  }
}

TEST(SubprotocolTest, OneTokenIsTakenAndTheRestIsOffered) {
  const auto subprotocol =
      Choose("base64url.bearer.phx.bXktdG9rZW5+, phoenix", true);
  ASSERT_TRUE(subprotocol.ok());
  EXPECT_EQ(subprotocol->token, "my-token~");
  EXPECT_EQ(subprotocol->chosen, "phoenix");
  EXPECT_EQ(subprotocol->offered, "phoenix");
}

TEST(SubprotocolTest, BothAlphabetsWithAndWithoutPaddingAreRead) {
  for (const char* token : {"//79Pw", "__79Pw", "//79Pw==", "__79Pw=="}) {
    const auto subprotocol =
        Choose(absl::StrCat("base64url.bearer.phx.", token).c_str(), true);
    ASSERT_TRUE(subprotocol.ok()) << token;
    EXPECT_EQ(subprotocol->token, "\xff\xfe\xfd?") << token;
    EXPECT_EQ(subprotocol->chosen, "");
  }
}

TEST(SubprotocolTest, AnEmptyTokenIsATokenTwoAreNone) {
  EXPECT_EQ(Choose("base64url.bearer.phx.", true)->token, "");
  EXPECT_EQ(Choose("phoenix, base64url.bearer.phx.YQ==, "
                   "base64url.bearer.phx.YQ==",
                   true)
                ->token,
            absl::nullopt);
}

TEST(SubprotocolTest, ATokenThatIsNotBase64IsMalformed) {
  for (const char* token : {"!!!", "a", "YQ=", "Y Q", "YQ..", "=", "YQ==YQ"}) {
    EXPECT_EQ(
        Choose(absl::StrCat("phoenix, base64url.bearer.phx.", token).c_str(),
               true)
            .status()
            .code(),
        absl::StatusCode::kInvalidArgument)
        << token;
  }
}

TEST(SubprotocolTest, ForeignSubprotocolsBesideATokenAreRefused) {
  EXPECT_FALSE(Choose("foo, base64url.bearer.phx.YQ==", true).ok());
}

TEST(SubprotocolTest, AMountWithoutTokensSeesNone) {
  const auto subprotocol = Choose("phoenix, base64url.bearer.phx.YQ", false);
  ASSERT_TRUE(subprotocol.ok());
  EXPECT_EQ(subprotocol->token, absl::nullopt);
  EXPECT_EQ(subprotocol->chosen, "");
}

}  // namespace
}  // namespace aerie::edge
