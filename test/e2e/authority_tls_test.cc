// The same over TLS: certificates that are shown, checked and replaced.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "test/e2e/authority_fixture.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

using Stub = v1::Control::Stub;

// Everything over TLS, where callers show certificates.
class MutualTlsTest : public ::testing::Test {
 protected:
  static broker::Options BrokerOptions(const CertificateFiles& server,
                                       const std::string& client_ca) {
    broker::Options options = World::BrokerOptions();
    options.tls.certificate_file = server.certificate;
    options.tls.key_file = server.key;
    options.tls.client_ca_file = client_ca;
    options.services.certificates = {{"edge.test", {"edge"}},
                                     {"spiffe://test/news", {"publish"}}};
    return options;
  }
  static edge::Options EdgeOptions(const CertificateFiles& server,
                                   const CertificateFiles& edge) {
    edge::Options options;
    options.credentials = {.token_file = {},
                           .token_env = {},
                           .tls = true,
                           .ca_file = server.certificate,
                           .certificate_file = edge.certificate,
                           .key_file = edge.key,
                           .server_name = "broker.test"};
    return options;
  }
  // A caller who shows this certificate; none for null.
  ControlStub As(const CertificateFiles* files) {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = Text(server_.certificate);
    if (files != nullptr) {
      ssl.pem_cert_chain = Text(files->certificate);
      ssl.pem_private_key = Text(files->key);
    }
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("broker.test");
    return ControlStub(
        grpc::CreateCustomChannel(AddressOf(world_), grpc::SslCredentials(ssl),
                                  arguments),
        "");
  }

  static grpc::Status Publish(ControlStub control) {
    v1::BroadcastResponse response;
    return control.Call(&Stub::Broadcast, BroadcastOf("room:a", "tick", "{}"),
                        &response);
  }

  const CertificateFiles server_ =
      WriteCertificate(TempFile("broker"), "broker.test");
  const CertificateFiles edge_ =
      WriteCertificate(TempFile("edge"), "edge.test", "DNS:other.test");
  const CertificateFiles news_ =
      WriteCertificate(TempFile("news"), "news", "URI:spiffe://test/news");
  // Of an authority that is known, under a name that is not.
  const CertificateFiles guest_ =
      WriteCertificate(TempFile("guest"), "guest.test");
  // The other way round.
  const CertificateFiles stranger_ =
      WriteCertificate(TempFile("stranger"), "news", "URI:spiffe://test/news");
  // Self-signed, each is its own authority.
  const std::string client_ca_ = WriteFile(
      "clients.pem", Text(edge_.certificate) + Text(news_.certificate) +
                         Text(guest_.certificate));
  World world_{EdgeOptions(server_, edge_), BrokerOptions(server_, client_ca_)};
};

TEST_F(MutualTlsTest, ACertificateIsGoodForItsScopes) {
  Conversation client(world_.port());
  client.Join("room:a");
  EXPECT_TRUE(Publish(As(&news_)).ok());
  client.Expect({nullptr, nullptr, "room:a", "tick", Json::object()});
  EXPECT_EQ(Publish(As(&edge_)).error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(MutualTlsTest, ANameThatIsNotConfiguredMayDoNothing) {
  const grpc::Status status = Publish(As(&guest_));
  EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("unknown client certificate"));
}

TEST_F(MutualTlsTest, WithoutAKnownCertificateThereIsNoConnection) {
  EXPECT_EQ(Publish(As(&stranger_)).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Publish(As(nullptr)).error_code(), StatusCode::UNAVAILABLE);
}

constexpr char kTlsErrors[] = "aerie_broker_tls_reload_errors_total";

// A reader's call over a connection of its own, by one who trusts `ca`.
grpc::Status ReadOverTls(World& world, const std::string& ca) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = ca;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("broker.test");
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  v1::ListTopicsResponse response;
  return ControlStub(
             grpc::CreateCustomChannel(AddressOf(world),
                                       grpc::SslCredentials(ssl), arguments),
             "token of reader")
      .Call(&Stub::ListTopics, v1::ListTopicsRequest(), &response);
}

TEST(TlsTest, TokensTravelOverTls) {
  const CertificateFiles server =
      WriteCertificate(TempFile("plain"), "broker.test");
  broker::Options options = BrokerWithTokens();
  options.tls.certificate_file = server.certificate;
  options.tls.key_file = server.key;
  edge::Options edge = EdgeWithToken();
  edge.credentials.tls = true;
  edge.credentials.ca_file = server.certificate;
  edge.credentials.server_name = "broker.test";
  World world(edge, options);
  Conversation client(world.port());
  client.Join("room:a");
  client.Echo("room:a");

  // A broken pair changes nothing.
  const std::string first = Text(server.certificate);
  for (const char* broken : {"", "no PEM"}) {
    const double errors = world.BrokerMetric(kTlsErrors);
    std::ofstream(server.key) << broken;
    while (world.BrokerMetric(kTlsErrors) == errors) {
      ASSERT_TRUE(ReadOverTls(world, first).ok());
    }
    EXPECT_TRUE(ReadOverTls(world, first).ok());
  }

  // The broker gets another certificate, and the edge trusts that one: its file
  // is the same.
  WriteCertificate(TempFile("plain"), "broker.test");
  const std::string second = Text(server.certificate);
  while (!ReadOverTls(world, second).ok()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(ReadOverTls(world, first).error_code(), StatusCode::UNAVAILABLE);
  client.Echo("room:a");
  world.StopBroker();
  world.StartBroker();
  world.AwaitLink();
}

TEST(TlsTest, AnEdgeKeepsWhomItTrustsWhenTheFileIsOfNoUse) {
  const CertificateFiles server =
      WriteCertificate(TempFile("kept"), "broker.test");
  broker::Options options = BrokerWithTokens();
  options.tls.certificate_file = server.certificate;
  options.tls.key_file = server.key;
  edge::Options edge = EdgeWithToken();
  edge.credentials.tls = true;
  edge.credentials.ca_file = WriteFile("trusted.pem", Text(server.certificate));
  edge.credentials.server_name = "broker.test";
  World world(edge, options);
  WriteFile("trusted.pem", "");
  world.StopBroker();
  world.StartBroker();
  world.AwaitLink();
}

TEST(TlsTest, AnEdgeLinksToNobodyWhomItDoesNotTrust) {
  const CertificateFiles server =
      WriteCertificate(TempFile("known"), "broker.test");
  broker::Options options = BrokerWithTokens();
  options.tls.certificate_file = server.certificate;
  options.tls.key_file = server.key;
  edge::Options edge = EdgeWithToken();
  edge.credentials.tls = true;
  edge.credentials.ca_file = server.certificate;
  edge.credentials.server_name = "broker.test";
  World world(edge, options);
  world.StopBroker();
  const CertificateFiles impostor =
      WriteCertificate(TempFile("impostor"), "broker.test");
  world.broker_options().tls.certificate_file = impostor.certificate;
  world.broker_options().tls.key_file = impostor.key;
  world.StartBroker();
  // It tries several times meanwhile, and shows its token to nobody.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(world.edge().ready());
  EXPECT_EQ(world.BrokerMetric("aerie_broker_links_opened_total"), 0);
  EXPECT_EQ(world.BrokerMetric("aerie_broker_links_refused_total"), 0);
}

}  // namespace
}  // namespace aerie::testing
