// How a client reaches a broker: with TLS, and with a token.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "clients/cpp/control_client.h"
#include "clients/cpp/options.h"
#include "common/testing/certificates.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/control.grpc.pb.h"

namespace aerie::client {
namespace {

using aerie::testing::CertificateFiles;

CertificateFiles MakeCertificate(const std::string& name) {
  return aerie::testing::WriteCertificate(::testing::TempDir() + "/" + name,
                                          name);
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Remembers the token that it was shown, and the client's certificate.
class Broker final : public v1::Control::Service {
 public:
  // With TLS when there is a certificate; of clients it asks for `ca_file`.
  explicit Broker(const CertificateFiles* certificate = nullptr,
                  const std::string& ca_file = {}) {
    std::shared_ptr<grpc::ServerCredentials> credentials =
        grpc::InsecureServerCredentials();
    if (certificate != nullptr) {
      grpc::SslServerCredentialsOptions options(
          ca_file.empty()
              ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
              : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
      options.pem_key_cert_pairs.push_back(
          {Read(certificate->key), Read(certificate->certificate)});
      if (!ca_file.empty()) options.pem_root_certs = Read(ca_file);
      credentials = grpc::SslServerCredentials(options);
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Broker() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Of the call before; `none` without one.
  std::string token() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(token_, "no call");
  }

 private:
  grpc::Status ClusterInfo(grpc::ServerContext* context,
                           const v1::ClusterInfoRequest*,
                           v1::ClusterInfoResponse*) override {
    const auto shown = context->client_metadata().find("authorization");
    const std::lock_guard<std::mutex> lock(mutex_);
    token_ = shown == context->client_metadata().end()
                 ? "none"
                 : std::string(shown->second.begin(), shown->second.end());
    return grpc::Status::OK;
  }

  int port_ = 0;
  std::mutex mutex_;
  std::string token_ = "no call";
  std::unique_ptr<grpc::Server> server_;
};

absl::Status Call(ConnectionOptions options) {
  ControlClient client(std::move(options));
  return client.ClusterInfo({}, absl::Seconds(2)).status();
}

TEST(ConnectionTest, TlsTrustsTheGivenAuthorityAndTheNameThatItHas) {
  const CertificateFiles certificate = MakeCertificate("broker.example");
  Broker broker(&certificate);
  const auto with = [&broker](TlsOptions tls) {
    return Call({.brokers = {broker.address()}, .tls = std::move(tls)});
  };
  EXPECT_TRUE(with({.ca_file = certificate.certificate,
                    .server_name = "broker.example"})
                  .ok());
  EXPECT_EQ(broker.token(), "none");
  // Another name; the system's authorities; another authority.
  EXPECT_FALSE(with({.ca_file = certificate.certificate}).ok());
  EXPECT_FALSE(with({.server_name = "broker.example"}).ok());
  const CertificateFiles other = MakeCertificate("other.example");
  EXPECT_FALSE(
      with({.ca_file = other.certificate, .server_name = "broker.example"})
          .ok());
  EXPECT_FALSE(Call({.brokers = {broker.address()}}).ok());
  EXPECT_EQ(broker.token(), "no call");
}

TEST(ConnectionTest, ABrokerMayAskForACertificate) {
  const CertificateFiles certificate = MakeCertificate("broker.example");
  const CertificateFiles mine = MakeCertificate("service.example");
  Broker broker(&certificate, mine.certificate);
  TlsOptions tls = {.ca_file = certificate.certificate,
                    .server_name = "broker.example"};
  EXPECT_FALSE(Call({.brokers = {broker.address()}, .tls = tls}).ok());
  tls.cert_file = mine.certificate;
  tls.key_file = mine.key;
  EXPECT_TRUE(Call({.brokers = {broker.address()}, .tls = tls}).ok());
}

TEST(ConnectionTest, ATokenThatNoHeaderCanCarryIsAnError) {
  Broker broker;
  EXPECT_TRUE(absl::IsInvalidArgument(Call(
      {.brokers = {broker.address()}, .token = StaticToken("two\nlines")})));
  EXPECT_EQ(broker.token(), "no call");
}

TEST(ConnectionTest, AFileThatCannotBeReadIsNamed) {
  const absl::Status status =
      Call({.tls = TlsOptions{.ca_file = "/no/such/file"}});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(), "cannot read /no/such/file");
}

TEST(ConnectionTest, ATokenFileIsReadAtEachAttempt) {
  Broker broker;
  const std::string path = ::testing::TempDir() + "token";
  ControlClient client(
      {.brokers = {broker.address()}, .token = TokenFile(path)});
  std::ofstream(path) << " first\n\n";
  EXPECT_TRUE(client.ClusterInfo().ok());
  EXPECT_EQ(broker.token(), "Bearer first");
  std::ofstream(path) << "second";
  EXPECT_TRUE(client.ClusterInfo().ok());
  EXPECT_EQ(broker.token(), "Bearer second");
  ASSERT_EQ(std::remove(path.c_str()), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(client.ClusterInfo().status()));
  EXPECT_EQ(broker.token(), "no call");
}

}  // namespace
}  // namespace aerie::client
