#include "broker/rpc/authorizer.h"

#include <grpc/grpc_security_constants.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "gmock/gmock.h"
#include "grpcpp/test/server_context_test_spouse.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using Code = absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What gRPC knows of a client's certificate.
class FakeAuthContext final : public grpc::AuthContext {
 public:
  void AddProperty(const std::string& key,
                   const grpc::string_ref& value) override {
    properties_[key].emplace_back(value.data(), value.size());
  }
  bool SetPeerIdentityPropertyName(const std::string& name) override {
    identity_ = name;
    return true;
  }
  bool IsPeerAuthenticated() const override { return !identity_.empty(); }
  std::string GetPeerIdentityPropertyName() const override { return identity_; }
  std::vector<grpc::string_ref> GetPeerIdentity() const override {
    return FindPropertyValues(identity_);
  }
  std::vector<grpc::string_ref> FindPropertyValues(
      const std::string& name) const override {
    const auto found = properties_.find(name);
    if (found == properties_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }
  grpc::AuthPropertyIterator begin() const override { return end(); }
  grpc::AuthPropertyIterator end() const override {
    // Its constructor is for those who inherit.
    struct Nothing : grpc::AuthPropertyIterator {};
    return Nothing();
  }

 private:
  std::map<std::string, std::vector<std::string>> properties_;
  std::string identity_;
};

TEST(VerifiedNamesTest, AreTheAlternativeOnesAndTheCommonOne) {
  FakeAuthContext context;
  context.AddProperty(GRPC_X509_CN_PROPERTY_NAME, "news");
  context.AddProperty(GRPC_X509_SAN_PROPERTY_NAME, "news.test");
  context.AddProperty(GRPC_X509_SAN_PROPERTY_NAME, "spiffe://test/news");
  context.AddProperty("x509_pem_cert", "-----BEGIN CERTIFICATE-----");
  // Nobody has verified it.
  EXPECT_THAT(VerifiedNames(context), IsEmpty());
  context.SetPeerIdentityPropertyName(GRPC_X509_SAN_PROPERTY_NAME);
  EXPECT_THAT(VerifiedNames(context),
              ElementsAre("news.test", "spiffe://test/news", "news"));
}

class AuthorizerTest : public ::testing::Test {
 protected:
  void Configure() {
    auto credentials = ServiceCredentials::Create(options_, clock_, metrics_);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    credentials_ = *std::move(credentials);
  }

  // A call with this metadata `authorization`; without any for null.
  absl::Status Call(const char* authorization, Scope scope) {
    grpc::ServerContext call;
    grpc::testing::ServerContextTestSpouse spouse(&call);
    if (authorization != nullptr) {
      spouse.AddClientMetadata("authorization", authorization);
    }
    return Authorizer(*credentials_, metrics_).Check(call, scope);
  }

  ServicesOptions options_;
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  std::unique_ptr<ServiceCredentials> credentials_;
};

TEST_F(AuthorizerTest, WithoutCredentialsEverythingIsAllowed) {
  Configure();
  EXPECT_TRUE(Call(nullptr, Scope::kEdge).ok());
  EXPECT_TRUE(Call("Bearer whatever", Scope::kAdmin).ok());
  EXPECT_EQ(metrics_.calls_unauthenticated.Value(), 0);
}

TEST_F(AuthorizerTest, WhatIsRefusedIsCountedByItsReason) {
  options_.tokens = {{"edges", "hush", {}, {}, {"edge"}}};
  Configure();
  EXPECT_TRUE(Call("Bearer hush", Scope::kEdge).ok());
  EXPECT_TRUE(Call("BEARER hush", Scope::kEdge).ok());
  EXPECT_EQ(Call(nullptr, Scope::kEdge).code(), Code::kUnauthenticated);
  EXPECT_EQ(Call("", Scope::kEdge).code(), Code::kUnauthenticated);
  EXPECT_EQ(Call("Bearer other", Scope::kEdge).code(), Code::kUnauthenticated);
  EXPECT_EQ(metrics_.calls_unauthenticated.Value(), 3);
  EXPECT_EQ(metrics_.calls_forbidden.Value(), 0);
  EXPECT_EQ(Call("Bearer hush", Scope::kHost).code(), Code::kPermissionDenied);
  EXPECT_EQ(metrics_.calls_unauthenticated.Value(), 3);
  EXPECT_EQ(metrics_.calls_forbidden.Value(), 1);
}

TEST_F(AuthorizerTest, OneOfSeveralScopesWillDo) {
  options_.tokens = {{"hosts", "hush", {}, {}, {"host"}}};
  Configure();
  grpc::ServerContext call;
  grpc::testing::ServerContextTestSpouse spouse(&call);
  spouse.AddClientMetadata("authorization", "Bearer hush");
  const Authorizer authorizer(*credentials_, metrics_);
  EXPECT_TRUE(authorizer.Check(call, {Scope::kAdmin, Scope::kHost}).ok());
  EXPECT_EQ(metrics_.calls_forbidden.Value(), 0);
  EXPECT_EQ(authorizer.Check(call, {Scope::kAdmin, Scope::kRead}).code(),
            Code::kPermissionDenied);
  EXPECT_EQ(metrics_.calls_forbidden.Value(), 1);
}

TEST_F(AuthorizerTest, TheLogTellsThePeerButNotTheToken) {
  options_.tokens = {{"edges", "hush", {}, {}, {"edge"}}};
  Configure();
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(Call("Bearer hush", Scope::kHost).ok());
  EXPECT_FALSE(Call("Bearer hush-hush", Scope::kHost).ok());
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("call refused peer="));
  EXPECT_THAT(log, HasSubstr("scope=host"));
  EXPECT_THAT(log, HasSubstr("`edges` lacks the scope `host`"));
  EXPECT_THAT(log, ::testing::Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace aerie::broker
