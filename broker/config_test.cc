#include "broker/config.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status OnlyEcho(const RouteOptions& route) {
  return route.host == "nobody" ? absl::InvalidArgumentError("no such host")
                                : absl::OkStatus();
}

class BrokerConfigTest : public testing::Test {
 protected:
  BrokerConfigTest() { Bind(root_, options_, OnlyEcho); }

  std::string Load(const std::vector<std::string>& arguments) {
    const config::Outcome outcome =
        config::Load(kProgram, root_, arguments, {});
    return outcome.out + outcome.err;
  }
  std::string LoadFile(const std::string& yaml) {
    const std::string file = testing::TempDir() + "/broker.yaml";
    std::ofstream(file) << yaml;
    std::string said = Load({"--config", file});
    for (size_t at; (at = said.find(file)) != std::string::npos;) {
      said.replace(at, file.size(), "broker.yaml");
    }
    return said;
  }

  Options options_;
  config::Section root_;
};

TEST_F(BrokerConfigTest, DefaultsAreValidRelayRoomsAndEcho) {
  EXPECT_EQ(Load({"--check-config"}), "configuration ok\n");
  EXPECT_EQ(options_.address, "127.0.0.1:4010");
  EXPECT_EQ(options_.admin_address, "127.0.0.1:4011");
  ASSERT_EQ(options_.routes.size(), 2u);
  EXPECT_EQ(options_.routes[0].pattern, "room:*");
  EXPECT_EQ(options_.routes[0].host, "relay");
  EXPECT_EQ(options_.routes[1].pattern, "echo:*");
  EXPECT_EQ(options_.routes[1].host, "echo");
}

TEST_F(BrokerConfigTest, AFileSetsRoutesRulesAndLimits) {
  EXPECT_EQ(LoadFile(R"(
listen: 0.0.0.0:4010
insecure: true
threads: 4
routes:
- pattern: "chat:*"
  host: relay
  intercepts: [typing]
  options: {from: others, events: [typing, new_msg]}
connect:
  rule: tokens
  tokens:
  - {token: hush, socket_id: "users:42", assigns: {role: admin}}
resume: {ttl: 1h}
limits: {channels_per_socket_max: 1000, join_deadline: 3s}
)"),
            "");
  EXPECT_TRUE(options_.insecure);
  EXPECT_EQ(options_.loops, 4u);
  ASSERT_EQ(options_.routes.size(), 1u);
  EXPECT_THAT(options_.routes[0].intercepts, ElementsAre("typing"));
  EXPECT_THAT(options_.routes[0].options["from"], ElementsAre("others"));
  EXPECT_THAT(options_.routes[0].options["events"],
              ElementsAre("typing", "new_msg"));
  EXPECT_EQ(options_.connect.rule, ConnectOptions::Rule::kTokens);
  ASSERT_EQ(options_.connect.tokens.size(), 1u);
  EXPECT_EQ(options_.connect.tokens[0].token, "hush");
  EXPECT_EQ(options_.connect.tokens[0].socket_id, "users:42");
  EXPECT_EQ(options_.connect.tokens[0].assigns["role"], "admin");
  EXPECT_EQ(options_.resume.ttl_ms, 3'600'000u);
  EXPECT_EQ(options_.limits.channels_per_socket_max, 1'000u);
  EXPECT_EQ(options_.limits.join_deadline_ms, 3'000u);
  EXPECT_THAT(Load({"--print-config"}), Not(HasSubstr("hush")));
}

struct Broken {
  const char* yaml;
  const char* error;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.yaml; }

class BrokenBrokerFileTest : public BrokerConfigTest,
                             public testing::WithParamInterface<Broken> {};

TEST_P(BrokenBrokerFileTest, SaysWhereAndWhatWasExpected) {
  EXPECT_THAT(LoadFile(GetParam().yaml), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenBrokerFileTest,
    testing::Values(
        Broken{"listen: 0.0.0.0:4010",
               "broker.yaml:1:9: listen: address 0.0.0.0:4010 can be reached "
               "from other machines"},
        Broken{"routes: [{pattern: 'a:*', host: nobody}]",
               "broker.yaml:1:20: routes[0].pattern: no such host\n"},
        Broken{"routes: [{pattern: a, host: b}, {pattern: a, host: c}]",
               "broker.yaml:1:9: routes: \"a\" stands here twice\n"},
        Broken{"routes: [{pattern: a, host: b, options: x}]",
               "routes[0].options: expected a map of texts or lists of texts, "
               "got \"x\"\n"},
        Broken{"connect: {rule: token}",
               "broker.yaml:1:17: connect.rule: expected allow or tokens, got "
               "\"token\"\n"},
        Broken{"connect: {rule: tokens}",
               "connect.tokens: expected at least one, because of `rule: "
               "tokens`\n"},
        Broken{"connect: {tokens: [{token: hush}]}",
               "broker.yaml:1:19: connect.tokens: nobody asks for them: "
               "expected `rule: tokens`\n"},
        Broken{"connect: {rule: tokens, tokens: [{socket_id: x}]}",
               "connect.tokens[0].token: expected one of token and "
               "token_file\n"},
        Broken{"connect: {rule: tokens, tokens: [{token: a, token_file: b}]}",
               "broker.yaml:1:42: connect.tokens[0].token: expected one of "
               "token and token_file\n"},
        Broken{"connect: {rule: tokens, tokens: [{token_file: /nowhere}]}",
               "broker.yaml:1:33: connect.tokens: "},
        Broken{"resume: {key_file: /nowhere}",
               "broker.yaml:1:20: resume.key_file: "},
        Broken{"limits: {channels_per_socket_max: infinity}",
               "expected integer from 1 to 1000000, got \"infinity\"\n"}));

TEST_F(BrokerConfigTest, WhatIsPrintedIsAValidFile) {
  const std::string printed = Load({"--print-config"});
  EXPECT_EQ(LoadFile(printed), "");
  EXPECT_EQ(Load({"--print-config"}), printed);
}

TEST_F(BrokerConfigTest, NoTwoKeysShareAVariable) {
  std::set<std::string> names = {"AERIE_BROKER_CONFIG"};
  for (const config::Entry& entry : config::Entries(root_)) {
    EXPECT_TRUE(names.insert(config::VariableName(kProgram, entry.path)).second)
        << entry.path;
  }
}

}  // namespace
}  // namespace aerie::broker
