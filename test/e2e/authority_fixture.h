#ifndef AERIE_TEST_E2E_AUTHORITY_FIXTURE_H_
#define AERIE_TEST_E2E_AUTHORITY_FIXTURE_H_

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "test/support/world.h"

// A broker that asks for credentials, and an edge that has some. The token of
// each name is `token of NAME`.
namespace aerie::testing {

inline std::string TempFile(const std::string& name) {
  return ::testing::TempDir() + "/authority_" + name;
}

inline std::string WriteFile(const std::string& name, const std::string& text) {
  std::ofstream(TempFile(name)) << text;
  return TempFile(name);
}

inline broker::ServiceTokenOptions Token(const std::string& name,
                                         std::vector<std::string> scopes) {
  broker::ServiceTokenOptions token;
  token.name = name;
  token.token = absl::StrCat("token of ", name);
  token.scopes = std::move(scopes);
  return token;
}

inline broker::Options BrokerWithTokens() {
  broker::Options options = World::BrokerOptions();
  options.services.tokens = {
      Token("edge", {"edge"}),    Token("reader", {"read"}),
      Token("news", {"publish"}), Token("operator", {"admin", "read"}),
      Token("chat", {"host"}),
  };
  return options;
}

inline edge::Options EdgeWithToken(const std::string& token = "token of edge") {
  edge::Options options;
  options.credentials.token_file = WriteFile("edge", token + "\n");
  return options;
}

inline std::string Text(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string AddressOf(World& world) {
  return absl::StrCat("127.0.0.1:", world.broker().port());
}

}  // namespace aerie::testing

#endif  // AERIE_TEST_E2E_AUTHORITY_FIXTURE_H_
