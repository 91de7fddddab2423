#include "broker/server.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/hosts/registry.h"
#include "broker/options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using ::testing::HasSubstr;

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

TEST(ServerTest, AnAddressThatOthersReachNeedsAWord) {
  Options options = FreePorts();
  options.address = "0.0.0.0:0";
  EXPECT_THAT(ErrorOf(options), HasSubstr("insecure: true"));
  options.insecure = true;
  EXPECT_TRUE(Start(options).ok());
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
