#include "broker/rpc/server_tls.h"

#include <fstream>
#include <string>

#include "common/metrics.h"
#include "common/testing/certificates.h"
#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

using aerie::testing::CertificateFiles;
using aerie::testing::WriteCertificate;

constexpr auto kNew = GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
constexpr auto kUnchanged = GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
constexpr auto kFail = GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;

std::string Stem() { return ::testing::TempDir() + "/server_tls"; }

class ServerTlsTest : public ::testing::Test {
 protected:
  grpc_ssl_certificate_config_reload_status Fetch() {
    grpc_ssl_server_certificate_config* config = nullptr;
    const auto status = tls_.Fetch(&config);
    EXPECT_EQ(config != nullptr, status == kNew);
    if (config != nullptr) grpc_ssl_server_certificate_config_destroy(config);
    return status;
  }
  auto FetchLater() {
    clock_.AdvanceMs(1'000);
    return Fetch();
  }

  const CertificateFiles files_ = WriteCertificate(Stem(), "broker.test");
  FakeClock clock_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  ServerTls tls_{
      {files_.certificate, files_.key, files_.certificate}, clock_, metrics_};
};

TEST_F(ServerTlsTest, FilesAreReadOnceUntilTheyChange) {
  EXPECT_EQ(Fetch(), kNew);
  EXPECT_EQ(FetchLater(), kUnchanged);
  WriteCertificate(Stem(), "broker.test");
  EXPECT_EQ(Fetch(), kUnchanged) << "nobody has looked for a second";
  EXPECT_EQ(FetchLater(), kNew);
  EXPECT_EQ(metrics_.tls_reloads.Value(), 1);
}

TEST_F(ServerTlsTest, WhatCannotBeUsedChangesNothing) {
  EXPECT_EQ(Fetch(), kNew);
  for (const char* text : {"", "no PEM"}) {
    std::ofstream(files_.key) << text;
    EXPECT_EQ(FetchLater(), kFail);
    EXPECT_EQ(FetchLater(), kUnchanged) << "it is told once";
  }
  EXPECT_EQ(metrics_.tls_reload_errors.Value(), 2);
  // A new key whose certificate is yet to come, and then that.
  const CertificateFiles next = WriteCertificate(Stem() + "_next", "next.test");
  std::rename(next.key.c_str(), files_.key.c_str());
  EXPECT_EQ(FetchLater(), kFail);
  std::rename(next.certificate.c_str(), files_.certificate.c_str());
  EXPECT_EQ(FetchLater(), kNew);
}

TEST(CheckTlsTest, WhatDoesNotBelongTogetherIsSaid) {
  const CertificateFiles one = WriteCertificate(Stem() + "_one", "one.test");
  const CertificateFiles two = WriteCertificate(Stem() + "_two", "two.test");
  EXPECT_TRUE(CheckTls({}).ok());
  EXPECT_TRUE(CheckTls({one.certificate, one.key, {}}).ok());
  EXPECT_TRUE(CheckTls({one.certificate, one.key, two.certificate}).ok());
  for (const GrpcTlsOptions& options :
       {GrpcTlsOptions{one.certificate, {}, {}},
        GrpcTlsOptions{{}, one.key, {}},
        GrpcTlsOptions{{}, {}, one.certificate},
        GrpcTlsOptions{one.certificate, two.key, {}},
        GrpcTlsOptions{one.certificate, one.key, one.key}}) {
    EXPECT_EQ(CheckTls(options).code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace aerie::broker
