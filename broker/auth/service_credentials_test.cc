#include "broker/auth/service_credentials.h"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using Code = absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

class ServiceCredentialsTest : public ::testing::Test {
 protected:
  std::unique_ptr<ServiceCredentials> Create() {
    auto credentials = ServiceCredentials::Create(options_, clock_, metrics_);
    EXPECT_TRUE(credentials.ok()) << credentials.status();
    return *std::move(credentials);
  }
  absl::Status CreateError() {
    return ServiceCredentials::Create(options_, clock_, metrics_).status();
  }

  void AddToken(const std::string& name, const std::string& token,
                std::vector<std::string> scopes) {
    options_.tokens.push_back({.name = name,
                               .token = token,
                               .token_file = {},
                               .token_env = {},
                               .scopes = std::move(scopes)});
  }

  static absl::Status Show(ServiceCredentials& credentials,
                           const std::string& authorization, Scope scope,
                           const std::vector<std::string>& names = {}) {
    return credentials.Check({authorization, names}, scope);
  }

  std::string WriteFile(const std::string& text) {
    std::string file = ::testing::TempDir() + "/service_token";
    std::ofstream(file) << text;
    return file;
  }

  ServicesOptions options_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
};

TEST_F(ServiceCredentialsTest, WithoutAnyEverybodyMayDoEverything) {
  const auto credentials = Create();
  EXPECT_TRUE(credentials->none());
  EXPECT_TRUE(Show(*credentials, "", Scope::kAdmin).ok());
}

TEST_F(ServiceCredentialsTest, ATokenIsGoodForItsScopesOnly) {
  AddToken("news", "s3cret", {"publish", "read"});
  const auto credentials = Create();
  EXPECT_FALSE(credentials->none());
  EXPECT_TRUE(Show(*credentials, "Bearer s3cret", Scope::kPublish).ok());
  EXPECT_TRUE(Show(*credentials, "bearer  s3cret", Scope::kRead).ok());
  const absl::Status lacks = Show(*credentials, "Bearer s3cret", Scope::kAdmin);
  EXPECT_EQ(lacks.code(), Code::kPermissionDenied);
  EXPECT_THAT(std::string(lacks.message()), HasSubstr("`news`"));
  EXPECT_THAT(std::string(lacks.message()), HasSubstr("`admin`"));
  EXPECT_THAT(std::string(lacks.message()), Not(HasSubstr("s3cret")));
}

TEST_F(ServiceCredentialsTest, UnknownOnesAreRefusedWithoutBeingRepeated) {
  AddToken("news", "s3cret", {"publish"});
  const auto credentials = Create();
  for (const std::string shown : {"", "Bearer", "Bearer ", "Bearer other",
                                  "Bearer s3cret2", "s3cret", "Basic s3cret"}) {
    const absl::Status status = Show(*credentials, shown, Scope::kPublish);
    EXPECT_EQ(status.code(), Code::kUnauthenticated) << shown;
    EXPECT_THAT(std::string(status.message()), HasSubstr("`publish`"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("s3cret")));
  }
}

TEST_F(ServiceCredentialsTest, ACertificateIsGoodForItsScopesOnly) {
  options_.certificates = {{"spiffe://x/edge", {"edge"}},
                           {"host.example", {"host"}}};
  const auto credentials = Create();
  EXPECT_TRUE(
      Show(*credentials, "", Scope::kEdge, {"a", "spiffe://x/edge"}).ok());
  EXPECT_TRUE(Show(*credentials, "", Scope::kHost, {"host.example"}).ok());
  EXPECT_EQ(Show(*credentials, "", Scope::kHost, {"spiffe://x/edge"}).code(),
            Code::kPermissionDenied);
  EXPECT_EQ(Show(*credentials, "", Scope::kHost, {"stranger"}).code(),
            Code::kUnauthenticated);
  // A token that is shown decides.
  EXPECT_EQ(
      Show(*credentials, "Bearer x", Scope::kHost, {"host.example"}).code(),
      Code::kUnauthenticated);
}

TEST_F(ServiceCredentialsTest, AFileIsReadAgainWhenItChanges) {
  const std::string file = WriteFile("first\n");
  options_.tokens.push_back({.name = "file",
                             .token = {},
                             .token_file = file,
                             .token_env = {},
                             .scopes = {"read"}});
  const auto credentials = Create();
  EXPECT_TRUE(Show(*credentials, "Bearer first", Scope::kRead).ok());
  WriteFile("the second\n");
  EXPECT_TRUE(Show(*credentials, "Bearer first", Scope::kRead).ok());
  clock_.AdvanceMs(1'000);
  EXPECT_TRUE(Show(*credentials, "Bearer the second", Scope::kRead).ok());
  EXPECT_FALSE(Show(*credentials, "Bearer first", Scope::kRead).ok());
  EXPECT_EQ(metrics_.service_token_reloads.Value(), 1);
  // One that is of no use changes nothing.
  WriteFile("\n");
  clock_.AdvanceMs(1'000);
  EXPECT_TRUE(Show(*credentials, "Bearer the second", Scope::kRead).ok());
  EXPECT_EQ(metrics_.service_token_reload_errors.Value(), 1);
}

TEST_F(ServiceCredentialsTest, TokensMayOverlapWhileOneIsReplaced) {
  AddToken("news", "old", {"publish"});
  AddToken("news", "new", {"publish"});
  // The same token twice has the scopes of both.
  AddToken("also", "new", {"read"});
  const auto credentials = Create();
  EXPECT_TRUE(Show(*credentials, "Bearer old", Scope::kPublish).ok());
  EXPECT_TRUE(Show(*credentials, "Bearer new", Scope::kPublish).ok());
  EXPECT_TRUE(Show(*credentials, "Bearer new", Scope::kRead).ok());
  EXPECT_FALSE(Show(*credentials, "Bearer old", Scope::kRead).ok());
}

TEST_F(ServiceCredentialsTest, AVariableCanHoldAToken) {
  setenv("AERIE_TEST_TOKEN", "from the environment", 1);
  options_.tokens.push_back({.name = "env",
                             .token = {},
                             .token_file = {},
                             .token_env = "AERIE_TEST_TOKEN",
                             .scopes = {"read"}});
  const auto credentials = Create();
  EXPECT_TRUE(
      Show(*credentials, "Bearer from the environment", Scope::kRead).ok());
  unsetenv("AERIE_TEST_TOKEN");
  EXPECT_EQ(CreateError().code(), Code::kNotFound);
}

TEST_F(ServiceCredentialsTest, WhatCannotBeUsedIsSaid) {
  AddToken("news", "t", {"write"});
  EXPECT_THAT(std::string(CreateError().message()),
              HasSubstr("`news`: expected read, publish, admin, host or edge, "
                        "got \"write\""));
  options_.tokens[0].scopes = {"read"};
  for (const std::string text : {" \n", "hush\nhush"}) {
    options_.tokens[0].token = text;
    EXPECT_EQ(CreateError().code(), Code::kInvalidArgument);
    EXPECT_THAT(std::string(CreateError().message()), Not(HasSubstr("hush")));
  }
  options_.tokens[0].token_file = "/nonexistent/token";
  EXPECT_EQ(CreateError().code(), Code::kNotFound);
  options_.tokens.clear();
  options_.certificates = {{"a", {"root"}}};
  EXPECT_EQ(CreateError().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace aerie::broker
