#include "edge/config.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/client_credentials.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EdgeConfigTest : public ::testing::Test {
 protected:
  EdgeConfigTest() { Bind(root_, options_); }

  std::string Load(const std::vector<std::string>& arguments) {
    const config::Outcome outcome =
        config::Load(kProgram, root_, arguments, {});
    return outcome.out + outcome.err;
  }
  std::string LoadFile(const std::string& yaml) {
    const std::string file = ::testing::TempDir() + "/edge.yaml";
    std::ofstream(file) << yaml;
    std::string said = Load({"--config", file});
    for (size_t at; (at = said.find(file)) != std::string::npos;) {
      said.replace(at, file.size(), "edge.yaml");
    }
    return said;
  }

  Options options_;
  config::Section root_;
};

TEST_F(EdgeConfigTest, DefaultsAreValidAndServeFoundingClients) {
  EXPECT_EQ(Load({"--check-config"}), "configuration ok\n");
  EXPECT_EQ(options_.listener.address, "127.0.0.1:4000");
  EXPECT_EQ(options_.admin_address, "127.0.0.1:4001");
  ASSERT_EQ(options_.listener.mounts.size(), 1u);
  EXPECT_EQ(options_.listener.mounts[0].path, "/socket");
  EXPECT_TRUE(options_.listener.mounts[0].founding);
}

TEST_F(EdgeConfigTest, AMountOfTheFileServesFoundingClientsOnlyIfItSaysSo) {
  EXPECT_EQ(LoadFile(R"(
listen: "[::]:80"
trusted_proxies: [10.0.0.0/8]
mounts:
- path: /ws/:tenant
  default_dialect: bridge
  check_origin: [https://example.com, "//*.example.com"]
  timeout: 2m
  max_frame_size: 1MiB
- {path: /old, founding: true, modern: false}
broker: {address: "dns:///broker.default.svc.cluster.local.:4010"}
limits:
  socket_queue_bytes_max: 4MiB
  relink_storm: 90s
  connects_per_second: 0
drain: {window: 5s}
log: {level: debug, format: json}
)"),
            "");
  const std::vector<MountOptions>& mounts = options_.listener.mounts;
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_FALSE(mounts[0].founding);
  EXPECT_TRUE(mounts[0].modern);
  EXPECT_EQ(mounts[0].default_dialect, v1::DIALECT_BRIDGE);
  EXPECT_EQ(mounts[0].check_origin.mode, CheckOrigin::Mode::kList);
  EXPECT_THAT(mounts[0].check_origin.list,
              ElementsAre("https://example.com", "//*.example.com"));
  EXPECT_EQ(mounts[0].idle_timeout_ms, 120'000u);
  EXPECT_EQ(mounts[0].max_frame_size, 1u << 20);
  EXPECT_TRUE(mounts[1].founding);
  EXPECT_EQ(options_.limits.socket_queue_bytes_max, 4u << 20);
  EXPECT_EQ(options_.limits.relink_storm_ms, 90'000u);
  EXPECT_EQ(options_.limits.connects_per_second, 0u);
  EXPECT_EQ(options_.drain_window_ms, 5'000u);
  EXPECT_EQ(options_.log_level, log::Level::kDebug);
  EXPECT_EQ(options_.log_format, log::Format::kJson);
}

TEST_F(EdgeConfigTest, CheckOriginTakesWordsAndLists) {
  const std::pair<const char*, CheckOrigin::Mode> words[] = {
      {"true, url_host: example.com", CheckOrigin::Mode::kHost},
      {"false", CheckOrigin::Mode::kOff},
      {"conn", CheckOrigin::Mode::kConn},
      {"default", CheckOrigin::Mode::kUnset},
      {"[]", CheckOrigin::Mode::kList},
  };
  for (const auto& [word, mode] : words) {
    EXPECT_EQ(LoadFile(std::string("mounts: [{check_origin: ") + word + "}]"),
              "");
    EXPECT_EQ(options_.listener.mounts[0].check_origin.mode, mode) << word;
  }
}

TEST_F(EdgeConfigTest, AFileSaysWhatTheEdgeShowsToItsBroker) {
  const aerie::testing::CertificateFiles tls = aerie::testing::WriteCertificate(
      ::testing::TempDir() + "/edge_tls", "edge.test");
  const std::string token = ::testing::TempDir() + "/edge_token";
  std::ofstream(token) << "hush\n";
  EXPECT_EQ(LoadFile(absl::StrCat(
                "broker: {token_file: ", token,
                ", tls: {enabled: true, ca_file: ", tls.certificate,
                ", certificate_file: ", tls.certificate,
                ", key_file: ", tls.key, ", server_name: broker.test}}")),
            "");
  const rpc::ClientCredentialOptions& credentials = options_.credentials;
  EXPECT_EQ(credentials.token_file, token);
  EXPECT_TRUE(credentials.tls);
  EXPECT_EQ(credentials.ca_file, tls.certificate);
  EXPECT_EQ(credentials.certificate_file, tls.certificate);
  EXPECT_EQ(credentials.key_file, tls.key);
  EXPECT_EQ(credentials.server_name, "broker.test");
}

struct Broken {
  const char* yaml;
  const char* error;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.yaml; }

class BrokenEdgeFileTest : public EdgeConfigTest,
                           public ::testing::WithParamInterface<Broken> {};

TEST_P(BrokenEdgeFileTest, SaysWhereAndWhatWasExpected) {
  EXPECT_THAT(LoadFile(GetParam().yaml), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenEdgeFileTest,
    ::testing::Values(
        Broken{"listen: example.com:80",
               "edge.yaml:1:9: listen: expected address:port such as "
               "127.0.0.1:4000 or [::1]:4000, got \"example.com:80\"\n"},
        Broken{"mount: []",
               "edge.yaml:1:1: mount: unknown key; did you mean \"mounts\"?\n"},
        Broken{"mounts: []", "edge.yaml:1:9: mounts: expected at least one\n"},
        Broken{"mounts:\n- path: /a\n- path: /a\n",
               "edge.yaml:2:1: mounts: \"/a\" stands here twice\n"},
        Broken{"mounts: [{path: socket}]", "edge.yaml:1:17: mounts[0].path: "},
        Broken{"mounts: [{modern: false}]", "edge.yaml:1:10: mounts[0].path: "},
        Broken{"mounts: [{check_origin: true}]",
               "mounts[0].path: `check_origin: true` needs a url_host\n"},
        Broken{"mounts: [{check_origin: example.com}]",
               "edge.yaml:1:25: mounts[0].check_origin: expected true, false, "
               "conn, default or a list of origins, got \"example.com\"\n"},
        Broken{"mounts: [{check_origin: [example.com]}]",
               "\"example.com\" names no host"},
        Broken{"mounts: [{default_dialect: 2.0.0}]",
               "edge.yaml:1:28: mounts[0].default_dialect: expected 1.0.0 or "
               "bridge, got \"2.0.0\"\n"},
        Broken{"mounts: [{max_frame_size: 16MiB}]",
               "expected size from 1KiB to 16MB, got \"16MiB\"\n"},
        Broken{"trusted_proxies: [10.0.0.0/8, nginx]",
               "edge.yaml:1:31: trusted_proxies[1]: "},
        Broken{"tls: {certificate: /dev/null}",
               "edge.yaml:1:20: tls.certificate: \"/dev/null\" cannot be "
               "read\n"},
        Broken{"tls: {key: /proc/self/status}",
               "edge.yaml:1:6: tls.certificate: expected, because there is a "
               "key\n"},
        Broken{"tls: {certificate: /proc/self/status}",
               "edge.yaml:1:6: tls.key: expected, because there is a "
               "certificate\n"},
        Broken{"broker: {address: ''}",
               "edge.yaml:1:19: broker.address: expected host:port or "
               "dns:///name:port, got \"\"\n"},
        Broken{"broker: {token_file: /nowhere}",
               "edge.yaml:1:22: broker.token_file: cannot read /nowhere\n"},
        Broken{"broker: {token_file: /dev/null}",
               "broker.token_file: /dev/null is empty\n"},
        Broken{"broker: {token_env: AERIE_NO_SUCH}",
               "$AERIE_NO_SUCH is not set\n"},
        Broken{"broker: {token_file: /proc/self/status, token_env: A}",
               "broker.token_file: expected one of token_file and "
               "token_env\n"},
        Broken{"broker: {tls: {server_name: a}}",
               "broker.tls: nobody asks for it: expected `enabled: true`\n"},
        Broken{"broker: {tls: {enabled: true, ca_file: /nowhere}}",
               "broker.tls: cannot read /nowhere\n"},
        Broken{"broker: {tls: {enabled: true, certificate_file: /nowhere}}",
               "broker.tls: certificate_file and key_file belong together\n"},
        Broken{"pages: [{path: demo, directory: /tmp}]",
               "edge.yaml:1:16: pages[0].path: expected a path that starts "
               "with a slash, got \"demo\"\n"},
        Broken{"pages: [{path: /}]",
               "pages[0].directory: expected a directory"},
        Broken{"drain: {window: 30}",
               "edge.yaml:1:17: drain.window: expected duration from 0 to 1h, "
               "got \"30\"\n"}));

TEST_F(EdgeConfigTest, WhatIsPrintedIsAValidFile) {
  const std::string printed = Load({"--print-config"});
  EXPECT_THAT(printed, HasSubstr("max_frame_size: 10MB\n"));
  EXPECT_EQ(LoadFile(printed), "");
  EXPECT_EQ(Load({"--print-config"}), printed);
}

TEST_F(EdgeConfigTest, NoTwoKeysShareAVariable) {
  std::set<std::string> names = {"AERIE_EDGE_CONFIG"};
  for (const config::Entry& entry : config::Entries(root_)) {
    EXPECT_TRUE(names.insert(config::VariableName(kProgram, entry.path)).second)
        << entry.path;
  }
}

TEST(EdgeLoadOptionsTest, TheProcessTakesTheLargestFrameOfItsMounts) {
  std::string arguments[] = {
      "edge",
      "--mounts=[{path: /a, max_frame_size: 2MiB}, {path: /b, "
      "max_frame_size: 1MiB}]"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), nullptr};
  Options options;
  EXPECT_EQ(LoadOptions(2, argv, options), absl::nullopt);
  EXPECT_EQ(options.limits.max_frame_size, 2u << 20);
}

}  // namespace
}  // namespace aerie::edge
