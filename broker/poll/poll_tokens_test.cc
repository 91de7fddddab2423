#include "broker/poll/poll_tokens.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

const std::string kOld(32, 'o');
const std::string kNew(32, 'n');
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

PollTokens Tokens(const std::vector<std::string>& keys = {kNew},
                  absl::string_view broker = "broker-a") {
  return PollTokens(keys, broker);
}

TEST(PollTokensTest, ATokenOpensAsItsSession) {
  for (const uint64_t session : {uint64_t{1}, uint64_t{70'000}, ~uint64_t{0}}) {
    const std::string token = *Tokens().Seal(session, kNow);
    EXPECT_EQ(token.size(), 66);
    EXPECT_EQ(*Tokens().Open(token, kNow), session);
  }
}

TEST(PollTokensTest, ItIsOfCharactersThatUrlsTakeAsTheyAre) {
  for (uint64_t session = 1; session < 50; ++session) {
    const std::string token = *Tokens().Seal(session, kNow);
    for (const char c : token) {
      EXPECT_TRUE(absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_')
          << c;
    }
  }
}

TEST(PollTokensTest, NoTwoAreAlikeAndNoneTellsItsSession) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(*Tokens().Seal(7, kNow));
  EXPECT_EQ(seen.size(), 100);
}

TEST(PollTokensTest, ATokenOfAnOlderKeyOpensAsLongAsTheKeyIsKept) {
  const std::string token = *Tokens({kOld}).Seal(7, kNow);
  EXPECT_EQ(*Tokens({kNew, kOld}).Open(token, kNow), 7);
  EXPECT_TRUE(
      absl::IsUnauthenticated(Tokens({kNew}).Open(token, kNow).status()));
}

TEST(PollTokensTest, EveryChangedCharacterIsNoticed) {
  const std::string token = *Tokens().Seal(7, kNow);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', 'Q', 'R', '_'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_TRUE(
          absl::IsUnauthenticated(Tokens().Open(changed, kNow).status()))
          << changed;
    }
  }
}

TEST(PollTokensTest, WhatIsNoTokenIsRefused) {
  for (const std::string& token :
       {std::string(), std::string("foo"), std::string("null"),
        std::string(66, 'A'), std::string(66, '='), std::string(1 << 20, 'A'),
        *Tokens().Seal(7, kNow) + "A", Tokens().Seal(7, kNow)->substr(1)}) {
    EXPECT_TRUE(absl::IsUnauthenticated(Tokens().Open(token, kNow).status()))
        << token.substr(0, 80);
  }
}

TEST(PollTokensTest, ItExpiresAfterTwoWeeks) {
  const std::string token = *Tokens().Seal(7, kNow);
  EXPECT_TRUE(Tokens().Open(token, kNow + PollTokens::kAgeMax).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      Tokens()
          .Open(token, kNow + PollTokens::kAgeMax + absl::Seconds(1))
          .status()));
}

TEST(PollTokensTest, ASessionOfAnotherBrokerIsNotFound) {
  const std::string token = *Tokens({kNew}, "broker-a").Seal(7, kNow);
  EXPECT_TRUE(
      absl::IsNotFound(Tokens({kNew}, "broker-b").Open(token, kNow).status()));
}

}  // namespace
}  // namespace aerie::broker
