#include "broker/server.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/hosts/registry.h"
#include "broker/options.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/support/raw_socket.h"

namespace aerie::broker {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Options FreePorts() {
  Options options;
  options.address = "127.0.0.1:0";
  options.admin_address = "127.0.0.1:0";
  options.loops = 1;
  return options;
}

absl::StatusOr<std::unique_ptr<Server>> Start(Options options) {
  return Server::Start(std::move(options), HostRegistry());
}

// What a broker logs at its start.
std::string LogOf(Options options) {
  ::testing::internal::CaptureStderr();
  const absl::Status status = Start(std::move(options)).status();
  std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(status.ok()) << status;
  return log;
}

std::string ErrorOf(Options options) {
  return Start(std::move(options)).status().ToString();
}

TEST(ServerTest, DefaultsServeOnAnyFreePort) {
  const auto server = Start(FreePorts());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_NE((*server)->port(), 0);
  EXPECT_NE((*server)->admin_port(), 0);
  EXPECT_TRUE((*server)->ready());
  EXPECT_THAT((*server)->MetricsText(), HasSubstr("aerie_broker_links 0"));
}

// Threads name themselves as soon as they run.
std::vector<std::string> NamesOfThreads() {
  std::vector<std::string> names;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream(task.path() / "comm") >> names.emplace_back();
  }
  return names;
}

// gRPC starts them for what uses its callback API, and each message of a link
// wakes them.
TEST(ServerTest, NoThreadsOfTheCallbackApiWaitForTheNetwork) {
  const auto server = Start(FreePorts());
  ASSERT_TRUE(server.ok());
  std::vector<std::string> names;
  // That of reflection, which is started last.
  while (!absl::c_linear_search(names, "grpcpp_sync_ser")) {
    names = NamesOfThreads();
  }
  EXPECT_THAT(names, Not(Contains(HasSubstr("nexting"))));
}

TEST(ServerTest, TheDashboardIsOnTheAdminPortUnlessItIsTurnedOff) {
  Options options = FreePorts();
  const auto server = Start(options);
  ASSERT_TRUE(server.ok());
  const uint16_t port = (*server)->admin_port();
  EXPECT_THAT(aerie::testing::HttpGet(port, "/dashboard").body,
              HasSubstr("<!doctype html>"));
  const aerie::testing::HttpAnswer overview =
      aerie::testing::HttpGet(port, "/dashboard/api/overview");
  EXPECT_EQ(overview.status, 200);
  EXPECT_THAT(overview.body, HasSubstr("\"brokers\":[{\"name\":"));
  EXPECT_THAT(aerie::testing::HttpGet(port, "/nothing").body,
              HasSubstr("/dashboard\n"));

  options.dashboard = false;
  const auto without = Start(options);
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(
      aerie::testing::HttpGet((*without)->admin_port(), "/dashboard").status,
      404);
}

TEST(ServerTest, HostileClientsOfTheAdminPortKeepNobodyOut) {
  const auto server = Start(FreePorts());
  ASSERT_TRUE(server.ok());
  const uint16_t port = (*server)->admin_port();
  // They hold connections, and more than there may be.
  std::vector<std::unique_ptr<aerie::testing::RawSocket>> held;
  for (int i = 0; i < 100; ++i) {
    held.push_back(std::make_unique<aerie::testing::RawSocket>(port));
    held.back()->Send("GET /dashboard/api/overview HTTP/1.1\r\nX-Slow: ");
  }
  EXPECT_EQ(aerie::testing::HttpGet(port, "/livez").status, 200);
  // They ask far too much.
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    const int status =
        aerie::testing::HttpGet(
            port, absl::StrCat("/dashboard/api/topics?prefix=", i))
            .status;
    EXPECT_TRUE(status == 200 || status == 429) << status;
    if (status == 429) ++refused;
  }
  EXPECT_GT(refused, 50);
  EXPECT_EQ(aerie::testing::HttpGet(port, "/readyz").status, 200);
}

TEST(ServerTest, AnAddressThatOthersReachNeedsAWord) {
  Options options = FreePorts();
  options.address = "0.0.0.0:0";
  EXPECT_THAT(ErrorOf(options), HasSubstr("insecure: true"));
  options.insecure = true;
  EXPECT_TRUE(Start(options).ok());
}

TEST(ServerTest, AnAddressThatOthersReachNeedsNoWordIfCallersNeedTokens) {
  Options options = FreePorts();
  options.address = "0.0.0.0:0";
  options.services.tokens = {{"edges", "hush", {}, {}, {"edge"}}};
  const std::string log = LogOf(options);
  EXPECT_THAT(log, HasSubstr("warning tokens are readable on the wire"));
  EXPECT_THAT(log, Not(HasSubstr("hush")));

  const aerie::testing::CertificateFiles files =
      aerie::testing::WriteCertificate(::testing::TempDir() + "/server",
                                       "broker.test");
  options.tls.certificate_file = files.certificate;
  options.tls.key_file = files.key;
  EXPECT_THAT(LogOf(options), Not(HasSubstr("tokens are readable")));
}

TEST(ServerTest, ThatNobodyIsAskedForCredentialsIsLogged) {
  Options options = FreePorts();
  EXPECT_THAT(LogOf(options), HasSubstr("info no credentials are asked for"));
  options.address = "0.0.0.0:0";
  options.insecure = true;
  EXPECT_THAT(LogOf(options),
              HasSubstr("warning no credentials are asked for"));
  options = FreePorts();
  options.services.tokens = {{"edges", "hush", {}, {}, {"edge"}}};
  EXPECT_THAT(LogOf(options), Not(HasSubstr("no credentials")));
}

TEST(ServerTest, ATakenPortIsAnError) {
  const auto first = Start(FreePorts());
  ASSERT_TRUE(first.ok());
  Options options = FreePorts();
  options.address = absl::StrCat("127.0.0.1:", (*first)->port());
  EXPECT_THAT(ErrorOf(options), HasSubstr("cannot listen on 127.0.0.1:"));
  options = FreePorts();
  options.admin_address = absl::StrCat("127.0.0.1:", (*first)->admin_port());
  EXPECT_FALSE(Start(options).ok());
}

TEST(ServerTest, WhatCannotBeStopsItAtStart) {
  Options options = FreePorts();
  options.routes = {{"room:*", "nobody", {}, {}}};
  EXPECT_THAT(ErrorOf(options), HasSubstr("nobody"));

  options = FreePorts();
  options.resume.key_file = "/nonexistent/key";
  EXPECT_THAT(ErrorOf(options), HasSubstr("/nonexistent/key"));

  options = FreePorts();
  options.connect.rule = ConnectOptions::Rule::kTokens;
  options.connect.tokens.emplace_back().token_file = "/nonexistent/token";
  EXPECT_THAT(ErrorOf(options), HasSubstr("/nonexistent/token"));

  options = FreePorts();
  options.services.tokens = {{"a", {}, "/nonexistent/service", {}, {"edge"}}};
  EXPECT_THAT(ErrorOf(options), HasSubstr("/nonexistent/service"));

  options = FreePorts();
  options.tls.certificate_file = "/nonexistent/certificate";
  options.tls.key_file = "/nonexistent/key";
  EXPECT_THAT(ErrorOf(options), HasSubstr("/nonexistent/certificate"));
}

TEST(ServerTest, ADrainWithoutChannelsIsDoneAtOnce) {
  Options options = FreePorts();
  options.drain_window_ms = 60'000;  // Beyond the test's own time.
  const auto server = Start(options);
  ASSERT_TRUE(server.ok());
  (*server)->Drain();
  EXPECT_FALSE((*server)->ready());
}

}  // namespace
}  // namespace aerie::broker
