// Who may call a broker, and what they get who may not.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/channel_host.grpc.pb.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "test/e2e/authority_fixture.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Stub = v1::Control::Stub;

constexpr std::chrono::seconds kPatience(20);

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

// Calls of services whose protos are gRPC's own, by the bytes of their
// messages.
class GrpcsOwn {
 public:
  explicit GrpcsOwn(const std::string& address)
      : stub_(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}

  // The first answer to a request; empty without one.
  std::string Ask(const std::string& method, const std::string& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    grpc::CompletionQueue queue;
    const auto call = stub_.PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    Await(queue);
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    Await(queue);
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    Await(queue);
    grpc::Status status;
    call->Finish(&status, nullptr);
    Await(queue);
    std::vector<grpc::Slice> slices;
    if (!answer.Valid() || !answer.Dump(&slices).ok()) return "";
    std::string bytes;
    for (const grpc::Slice& part : slices) {
      bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
    return bytes;
  }

 private:
  static void Await(grpc::CompletionQueue& queue) {
    void* tag;
    bool ok;
    queue.Next(&tag, &ok);
  }

  grpc::GenericStub stub_;
};

TEST_F(AuthorityTest, HealthAndReflectionAreOpenToAll) {
  GrpcsOwn services(AddressOf(world_));
  const auto health = [&services] {
    return services.Ask("/grpc.health.v1.Health/Check", "");
  };
  EXPECT_EQ(health(), "\x08\x01");  // SERVING
  EXPECT_THAT(
      services.Ask("/grpc.reflection.v1alpha.ServerReflection/"
                   "ServerReflectionInfo",
                   std::string("\x3a\x01*")),  // list_services
      AllOf(HasSubstr("aerie.v1.Control"), HasSubstr("aerie.v1.ChannelHost")));
  world_.DrainBroker();
  EXPECT_EQ(health(), "\x08\x02");  // NOT_SERVING
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

}  // namespace
}  // namespace aerie::testing
