// Who may call a broker, and what they get who may not.

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

using Stub = v1::Control::Stub;

constexpr std::chrono::seconds kPatience(20);

std::string TempFile(const std::string& name) {
  return ::testing::TempDir() + "/authority_" + name;
}

std::string WriteFile(const std::string& name, const std::string& text) {
  std::ofstream(TempFile(name)) << text;
  return TempFile(name);
}

broker::ServiceTokenOptions Token(const std::string& name,
                                  std::vector<std::string> scopes) {
  broker::ServiceTokenOptions token;
  token.name = name;
  token.token = absl::StrCat("token of ", name);
  token.scopes = std::move(scopes);
  return token;
}

broker::Options BrokerWithTokens() {
  broker::Options options = World::BrokerOptions();
  options.services.tokens = {
      Token("edge", {"edge"}),    Token("reader", {"read"}),
      Token("news", {"publish"}), Token("operator", {"admin", "read"}),
      Token("chat", {"host"}),
  };
  return options;
}

edge::Options EdgeWithToken(const std::string& token = "token of edge") {
  edge::Options options;
  options.credentials.token_file = WriteFile("edge", token + "\n");
  return options;
}

std::string Text(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string AddressOf(World& world) {
  return absl::StrCat("127.0.0.1:", world.broker().port());
}

class AuthorityTest : public ::testing::Test {
 protected:
  ControlStub As(const std::string& name) {
    return ControlStub(AddressOf(world_),
                       name.empty() ? "" : absl::StrCat("token of ", name));
  }

  // How a Control call of each scope ends for a caller.
  grpc::Status Read(ControlStub control) {
    v1::ListTopicsResponse response;
    return control.Call(&Stub::ListTopics, v1::ListTopicsRequest(), &response);
  }
  grpc::Status Publish(ControlStub control) {
    v1::BroadcastResponse response;
    return control.Call(&Stub::Broadcast, BroadcastOf("room:a", "tick", "{}"),
                        &response);
  }
  grpc::Status Administer(ControlStub control) {
    v1::DisconnectRequest request;
    request.set_socket_id("users:1");
    v1::DisconnectResponse response;
    return control.Call(&Stub::Disconnect, request, &response);
  }

  // How a stream ends whose first word is `request`.
  template <typename Service, typename Request, typename Response>
  grpc::Status Open(
      const std::string& token,
      std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> (
          Service::Stub::*method)(grpc::ClientContext*)) {
    const auto stub = Service::NewStub(grpc::CreateChannel(
        AddressOf(world_), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    if (!token.empty()) {
      context.AddMetadata("authorization",
                          absl::StrCat("Bearer token of ", token));
    }
    const auto stream = (*stub.*method)(&context);
    // An empty message: whoever may call hears what is wrong with that.
    stream->Write(Request());
    Response response;
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }
  // A unary call without a token, with an empty request.
  grpc::Status CallOpenly(const std::string& method) {
    grpc::GenericStub stub(grpc::CreateChannel(
        AddressOf(world_), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    grpc::CompletionQueue queue;
    const grpc::Slice none;
    const auto call = stub.PrepareUnaryCall(&context, method,
                                            grpc::ByteBuffer(&none, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, &status);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
  grpc::Status Attach(const std::string& token) {
    return Open<v1::ChannelHost>(token, &v1::ChannelHost::Stub::Attach);
  }
  grpc::Status Link(const std::string& token) {
    return Open<v1::EdgeLink>(token, &v1::EdgeLink::Stub::Link);
  }

  World world_{EdgeWithToken(), BrokerWithTokens()};
};

TEST_F(AuthorityTest, AnEdgeWithItsTokenServesClients) {
  Conversation client(world_.port());
  client.Join("room:a");
  client.Echo("room:a");
}

TEST_F(AuthorityTest, EachScopeIsGoodForItsMethodsOnly) {
  EXPECT_TRUE(Read(As("reader")).ok());
  EXPECT_TRUE(Publish(As("news")).ok());
  EXPECT_TRUE(Administer(As("operator")).ok());
  EXPECT_TRUE(Read(As("operator")).ok());
  for (const grpc::Status& status :
       {Publish(As("reader")), Administer(As("reader")), Read(As("news")),
        Administer(As("news")), Publish(As("operator")), Read(As("edge")),
        Read(As("chat"))}) {
    EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status), "SCOPE_MISSING");
  }
}

TEST_F(AuthorityTest, WithoutAKnownTokenNothingMayBeCalled) {
  for (const std::string name : {"", "nobody"}) {
    for (const grpc::Status& status :
         {Read(As(name)), Publish(As(name)), Administer(As(name))}) {
      EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
      EXPECT_EQ(ReasonOf(status), "UNAUTHENTICATED");
      EXPECT_THAT(status.error_message(), Not(HasSubstr("token of")));
    }
  }
  EXPECT_EQ(world_.BrokerMetric("aerie_broker_calls_refused_total"), 6);
}

TEST_F(AuthorityTest, StreamsAreRefusedAsCallsAre) {
  ControlStub reader = As("reader");
  const auto context = reader.Context();
  EXPECT_EQ(reader.stub().BroadcastStream(context.get())->Finish().error_code(),
            StatusCode::PERMISSION_DENIED);
  ControlStub news = As("news");
  v1::WatchRequest request;
  request.set_topics(true);
  Watching watch(news, request);
  EXPECT_EQ(watch.Next(), "end");
  EXPECT_EQ(watch.Status().error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(AuthorityTest, HostsAndEdgesNeedTheirOwnScopes) {
  const auto refused = [](const grpc::Status& status, StatusCode code,
                          const std::string& reason, const std::string& scope) {
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_THAT(status.error_message(), HasSubstr(scope));
    EXPECT_THAT(status.error_message(), Not(HasSubstr("token of")));
  };
  for (const std::string name : {"", "nobody"}) {
    refused(Attach(name), StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED",
            "`host`");
    refused(Link(name), StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED",
            "`edge`");
  }
  refused(Attach("edge"), StatusCode::PERMISSION_DENIED, "SCOPE_MISSING",
          "`host`");
  refused(Link("chat"), StatusCode::PERMISSION_DENIED, "SCOPE_MISSING",
          "`edge`");
  // Those who may are asked for their first word.
  EXPECT_EQ(Attach("chat").error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Link("edge").error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(AuthorityTest, HealthIsOpenToEverybody) {
  EXPECT_TRUE(CallOpenly("/grpc.health.v1.Health/Check").ok());
  EXPECT_EQ(CallOpenly("/aerie.v1.Control/ListTopics").error_code(),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(AuthorityTest, AnEdgeShowsTheTokenThatItsFileHoldsNow) {
  // The broker comes back with another token for edges; their file follows.
  Conversation client(world_.port());
  client.Join("room:a");
  world_.StopBroker();
  world_.broker_options().services.tokens[0].token = "another one";
  world_.StartBroker();
  while (world_.BrokerMetric("aerie_broker_calls_refused_total") == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_FALSE(world_.edge().ready());
  WriteFile("edge", "another one");
  world_.AwaitLink();
  client.Expect(
      {"1", "1", "room:a", "phx_error", {{"reason", "channel_crash"}}});
  client.Join("room:a", "2");
}

TEST_F(AuthorityTest, ATokenThatNoHeaderCanCarryStopsNoEdge) {
  WriteFile("edge", "one line\nand another");
  world_.StopBroker();
  const std::string failed = "aerie_edge_link_attempts_failed_total ";
  const auto attempts = [this, &failed] {
    const std::string text = world_.edge().MetricsText();
    return text.substr(text.find("\n" + failed) + 1 + failed.size(), 1);
  };
  while (attempts() == "0") {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_FALSE(world_.edge().ready());
  WriteFile("edge", "token of edge");
  world_.StartBroker();
  world_.AwaitLink();
}

TEST(TokenFileTest, ABrokerTakesATokenThatIsReplaced) {
  broker::Options options = BrokerWithTokens();
  options.services.tokens.push_back(
      {.name = "file",
       .token = {},
       .token_file = WriteFile("service", "the first\n"),
       .token_env = {},
       .scopes = {"read"}});
  World world(EdgeWithToken(), options);
  const auto read = [&world](const std::string& token) {
    v1::ListTopicsResponse response;
    return ControlStub(AddressOf(world), token)
        .Call(&Stub::ListTopics, v1::ListTopicsRequest(), &response);
  };
  EXPECT_TRUE(read("the first").ok());
  EXPECT_FALSE(read("the second").ok());
  WriteFile("service", "the second\n");
  while (!read("the second").ok()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(read("the first").error_code(), StatusCode::UNAUTHENTICATED);
  // Who is linked stays so.
  EXPECT_TRUE(world.edge().ready());
}

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
