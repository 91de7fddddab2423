#include "broker/auth/key_store.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/auth/testing/tokens.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const char kSecret[] = "a secret of more than thirty-two bytes";

class KeyStoreTest : public testing::Test {
 protected:
  // What is wrong with the keys.
  std::string Refused(const JwtOptions& options) {
    return KeyStore::Create(options, limits_, clock_, metrics_)
        .status()
        .ToString();
  }
  std::string Refused(const JwtKeyOptions& key) {
    JwtOptions options;
    options.keys = {key};
    return Refused(options);
  }
  void Open(const JwtOptions& options) {
    store_ = KeyStore::Create(options, limits_, clock_, metrics_).value();
  }
  std::vector<std::string> Kids() {
    std::vector<std::string> kids;
    for (const JwsKey& key : *store_->Keys()) kids.push_back(key.kid());
    return kids;
  }

  Limits limits_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  const Issuer first_{JwsAlgorithm::kEdDsa, "1"};
  const Issuer second_{JwsAlgorithm::kEdDsa, "two"};
  std::unique_ptr<KeyStore> store_;
};

TEST_F(KeyStoreTest, KeysComeFromFilesAndTheEnvironment) {
  setenv("KEY_STORE_TEST_SECRET", kSecret, 1);
  JwtOptions options;
  options.keys = {
      {JwsAlgorithm::kEdDsa, "pem", WriteTestFile("pem", first_.Pem()), "", ""},
      {JwsAlgorithm::kHs256, "file", "",
       WriteTestFile("secret", absl::StrCat(kSecret, "\n")), ""},
      {JwsAlgorithm::kHs256, "env", "", "", "KEY_STORE_TEST_SECRET"}};
  options.jwks_file = WriteJwks("more", second_.Jwk());
  Open(options);
  EXPECT_THAT(Kids(), ElementsAre("pem", "file", "env", "two"));
  const std::string token = Issuer(kSecret, "").Token("{}");
  const size_t dot = token.rfind('.');
  std::string signature;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(dot + 1), &signature));
  for (const size_t i : {1, 2}) {
    EXPECT_TRUE(store_->Keys()->at(i).Verify(token.substr(0, dot), signature));
  }
}

TEST_F(KeyStoreTest, WhatIsNoKeyIsNamedAndNotQuoted) {
  const std::string pem = WriteTestFile("pem", first_.Pem());
  const std::string shorter = WriteTestFile("short", "hush");
  const auto eddsa = JwsAlgorithm::kEdDsa;
  const auto hmac = JwsAlgorithm::kHs256;
  EXPECT_THAT(Refused({eddsa, "", "/nowhere", "", ""}),
              HasSubstr("keys[0]: cannot read /nowhere"));
  EXPECT_THAT(Refused({hmac, "", "", "/nowhere", ""}),
              HasSubstr("keys[0]: cannot read /nowhere"));
  EXPECT_THAT(
      Refused({hmac, "", "", "", "KEY_STORE_TEST_NOTHING"}),
      HasSubstr("keys[0]: there is no variable KEY_STORE_TEST_NOTHING"));
  EXPECT_THAT(Refused({JwsAlgorithm::kRs256, "", pem, "", ""}),
              HasSubstr("keys[0]: RS256 needs an RSA key"));
  EXPECT_THAT(Refused({hmac, "", pem, "", ""}),
              HasSubstr("keys[0]: HS256 needs a secret"));
  EXPECT_THAT(Refused({hmac, "", "", pem, ""}),
              HasSubstr("keys[0]: a PEM file is no secret"));
  EXPECT_THAT(Refused({hmac, "", "", shorter, ""}),
              AllOf(HasSubstr("keys[0]: HS256 needs a secret of 32 bytes"),
                    Not(HasSubstr("hush"))));
  EXPECT_THAT(Refused({eddsa, "", "", shorter, ""}),
              HasSubstr("keys[0]: EdDSA needs a public key, not a secret"));
  EXPECT_THAT(Refused({eddsa, "", ::testing::TempDir(), "", ""}),
              HasSubstr("keys[0]: "));
}

TEST_F(KeyStoreTest, AFileThatIsNoKeySetStopsTheStart) {
  JwtOptions options;
  options.jwks_file = "/nowhere";
  EXPECT_THAT(Refused(options), HasSubstr("cannot read /nowhere"));
  options.jwks_file = WriteJwks("none", "");
  EXPECT_THAT(Refused(options), HasSubstr("no key in it"));
  limits_.jwks_bytes_max = 10;
  options.jwks_file = WriteJwks("long", first_.Jwk());
  EXPECT_THAT(Refused(options), HasSubstr("more than 10 bytes"));
}

class JwksReloadTest : public KeyStoreTest {
 protected:
  JwksReloadTest() {
    JwtOptions options;
    options.keys = {{JwsAlgorithm::kEdDsa, "fixed",
                     WriteTestFile("pem", first_.Pem()), "", ""}};
    options.jwks_file = WriteJwks(kFile, first_.Jwk());
    Open(options);
  }

  static constexpr char kFile[] = "reloaded";
};

TEST_F(JwksReloadTest, AChangedFileIsReadAgain) {
  const auto before = store_->Keys();
  WriteJwks(kFile, second_.Jwk());
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "two"));
  EXPECT_EQ(metrics_.jwks_reloads.Value(), 1);
  // Who uses the old ones still has them.
  EXPECT_EQ(before->at(1).kid(), "1");
}

TEST_F(JwksReloadTest, NotMoreThanOnceASecond) {
  WriteJwks(kFile, second_.Jwk());
  clock_.AdvanceMs(999);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1"));
  clock_.AdvanceMs(1);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "two"));
  WriteJwks(kFile, absl::StrCat(first_.Jwk(), ",", second_.Jwk()));
  EXPECT_THAT(Kids(), ElementsAre("fixed", "two"));
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1", "two"));
}

TEST_F(JwksReloadTest, AnUnchangedFileIsNot) {
  clock_.AdvanceMs(5'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1"));
  EXPECT_EQ(metrics_.jwks_reloads.Value(), 0);
}

TEST_F(JwksReloadTest, WhatCannotBeUsedLeavesTheOldKeys) {
  WriteTestFile(kFile, "{broken");
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1"));
  EXPECT_EQ(metrics_.jwks_reload_errors.Value(), 1);
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1"));
  EXPECT_EQ(metrics_.jwks_reload_errors.Value(), 1) << "read again for nothing";
  WriteJwks(kFile, second_.Jwk());
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "two"));
}

TEST_F(JwksReloadTest, AFileThatIsGoneLeavesTheOldKeys) {
  std::remove((::testing::TempDir() + "/" + kFile).c_str());
  clock_.AdvanceMs(1'000);
  EXPECT_THAT(Kids(), ElementsAre("fixed", "1"));
  EXPECT_EQ(metrics_.jwks_reload_errors.Value(), 1);
}

}  // namespace
}  // namespace aerie::broker
