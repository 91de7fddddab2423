#include "edge/transport/listener.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "edge/transport/testing/listener_fixture.h"
#include "gmock/gmock.h"

namespace aerie::edge {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using End = RawClient::End;

class ListenerTest : public ListenerFixture {};

TEST_F(ListenerTest, AnUpgradeIsAnsweredAsPhoenixDoes) {
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket?vsn=2.0.0",
                      {{"Sec-WebSocket-Protocol", "phoenix"}});
  EXPECT_EQ(client->ReadHead(),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "cache-control: max-age=0, private, must-revalidate\r\n"
            "connection: Upgrade\r\n"
            "upgrade: websocket\r\n"
            "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "sec-websocket-protocol: phoenix\r\n\r\n");
  client->SendText("hello");
  EXPECT_EQ(client->ReadFrame().payload, "hello");
  EXPECT_THAT(sockets_.Events(),
              ElementsAre("connect /socket", "open 1", "text hello"));
}

TEST_F(ListenerTest, AKeyOfAnyLengthIsAnswered) {
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket",
                      {{"Sec-WebSocket-Key", std::string(200, 'k')}});
  EXPECT_THAT(client->ReadHead(), StartsWith("HTTP/1.1 101 "));
  client->SendText("hello");
  EXPECT_EQ(client->ReadFrame().payload, "hello");
}

TEST_F(ListenerTest, FramesMayComeTogetherWithTheRequest) {
  Start();
  auto client = Client();
  client->Send(UpgradeRequest("/socket") + std::string("\x81\x82zzzz", 6) +
               std::string("\x12\x13", 2));
  EXPECT_THAT(client->ReadHead(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(client->ReadFrame().payload, "hi");
}

TEST_F(ListenerTest, TheBrokersRefusalIsPassedOn) {
  sockets_.answer = [](const v1::Connect&) {
    return Refusal{429, "slow down"};
  };
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket");
  EXPECT_THAT(client->ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 429 Too Many Requests\r\n"),
                    HasSubstr("\r\n\r\nslow down")));
  // The connection is as good as before.
  client->SendUpgrade("/socket/websocket");
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 429 "));
}

TEST_F(ListenerTest, WithoutABrokerClientsAreAskedToComeBack) {
  sockets_.answer = [](const v1::Connect&) { return Refusal{503, ""}; };
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket");
  EXPECT_THAT(client->ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                    HasSubstr("retry-after: ")));
  EXPECT_EQ(
      Count(*metrics_.upgrades_refused[IndexOf(RefusalCause::kUnavailable)]),
      1);
}

TEST_F(ListenerTest, TooManyASecondAreToldWhenToComeBack) {
  sockets_.answer = [](const v1::Connect&) {
    return Refusal{503, "", /*paced_s=*/7};
  };
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket");
  EXPECT_THAT(client->ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                    HasSubstr("retry-after: 7\r\n"),
                    HasSubstr("connection: keep-alive")));
  EXPECT_EQ(Count(*metrics_.upgrades_refused[IndexOf(RefusalCause::kPaced)]),
            1);
}

TEST_F(ListenerTest, UpgradeHeadersAreLookedAtLast) {
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket", {{"Upgrade", ""}});
  EXPECT_THAT(client->ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("`upgrade`")));
  EXPECT_THAT(sockets_.Events(), ElementsAre("connect /socket", "abandon 1"));
}

TEST_F(ListenerTest, ASlowBrokerIsWaitedFor) {
  sockets_.slow = true;
  limits_.request_timeout_ms = 100;
  Start();
  auto client = Client();
  client->SendUpgrade("/socket/websocket");
  ASSERT_TRUE(sockets_.Await("connect /socket"));
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  listener_->Post(0, [this] { sockets_.AnswerAll(); });
  EXPECT_THAT(client->ReadHead(), StartsWith("HTTP/1.1 101 "));
}

TEST_F(ListenerTest, UnknownPathsAreNotFound) {
  mount().founding = false;
  Start();
  auto client = Client();
  for (const char* path : {"/", "/socket", "/other"}) {
    client->Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(ListenerTest, PipelinedRequestsAreAnsweredInOrder) {
  const auto directory = std::filesystem::path(::testing::TempDir()) / "pages";
  std::filesystem::create_directories(directory);
  const std::string large(300'000, 'l');
  std::ofstream(directory / "large.txt") << large;
  std::ofstream(directory / "index.html") << "index";
  options_.pages = {{"/", directory.string()}};
  Start();
  auto client = Client();
  client->Send(
      "GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n"
      "HEAD /large.txt HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client->ReadResponse(), HasSubstr(large));
  EXPECT_THAT(client->ReadHead(), HasSubstr("content-length: 300000\r\n"));
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client->ReadResponse(), HasSubstr("\r\n\r\nindex"));
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
}

TEST_F(ListenerTest, AnUpgradeMayFollowAnotherRequest) {
  Start();
  auto client = Client();
  client->Send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n" +
               UpgradeRequest("/socket/websocket"));
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client->ReadHead(), StartsWith("HTTP/1.1 101 "));
}

TEST_F(ListenerTest, NoResponseSaysWhatTheServerIs) {
  Start();
  auto client = Client();
  client->Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client->ReadResponse(), Not(HasSubstr("erver:")));
}

TEST_F(ListenerTest, BadRequestsAreToldAndEnded) {
  limits_.request_header_bytes_max = 2048;
  limits_.request_body_bytes_max = 10;
  Start();
  const std::pair<std::string, const char*> cases[] = {
      {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 "},
      {"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'),
       "HTTP/1.1 413 "},
  };
  for (const auto& [request, status] : cases) {
    auto client = Client();
    client->Send(request);
    EXPECT_THAT(client->ReadResponse(),
                AllOf(StartsWith(status), HasSubstr("connection: close")));
    EXPECT_EQ(client->ReadToEnd(), End::kClosed) << status;
  }
  ExpectServes();
}

TEST_F(ListenerTest, ARequestMustComeInTime) {
  limits_.request_timeout_ms = 150;
  Start();
  auto silent = Client();
  auto slow = Client();
  slow->Send("GET / HTTP/1.1\r\nX: ");
  EXPECT_EQ(silent->ReadToEnd(), End::kClosed);
  EXPECT_EQ(slow->ReadToEnd(), End::kClosed);
  EXPECT_EQ(Count(metrics_.requests_timed_out), 2);
}

TEST_F(ListenerTest, ATrickleDoesNotGainTime) {
  limits_.request_timeout_ms = 300;
  Start();
  auto client = Client();
  client->Send("GET / HTTP/1.1\r\n");
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) {
    client->Send("X: y\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(80));
  }
  EXPECT_NE(client->ReadToEnd(), End::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST_F(ListenerTest, ClientsOverTheLimitAreTurnedAway) {
  limits_.connections_max = 2;
  Start();
  auto first = WebSocket();
  auto second = WebSocket();
  auto third = Client();
  EXPECT_THAT(third->ReadHead(),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("retry-after")));
  EXPECT_EQ(Count(metrics_.connections_over_limit), 1);
  // There is room again when one has left.
  second->SendFrame(0x88, "\x03\xe8");
  EXPECT_EQ(second->ReadCloseCode(), 1000u);
  EXPECT_EQ(second->ReadToEnd(), End::kClosed);
  second.reset();
  ASSERT_TRUE(sockets_.Await("closed 2"));
  for (int i = 0; i < 100 && metrics_.connections.Value() > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ExpectServes();
}

TEST_F(ListenerTest, StopEndsEverySocketAndTellsIt) {
  Start();
  auto open = WebSocket();
  auto idle = Client();
  sockets_.slow = false;
  listener_->Stop();
  EXPECT_NE(open->ReadToEnd(), End::kTimeout);
  EXPECT_NE(idle->ReadToEnd(), End::kTimeout);
  EXPECT_TRUE(sockets_.Await("closed 1"));
  EXPECT_EQ(metrics_.connections.Value(), 0);
  listener_->Stop();
}

TEST_F(ListenerTest, TasksRunOnTheirThreadInOrder) {
  options_.threads = 2;
  auto listener = Listener::Create(options_, limits_, metrics_);
  ASSERT_TRUE(listener.ok()) << listener.status();
  ASSERT_EQ((*listener)->threads(), 2u);
  std::vector<int> order;
  std::thread::id id;
  (*listener)->Post(1, [&] {
    order.push_back(1);
    id = std::this_thread::get_id();
  });
  FakeSockets others;
  (*listener)->Start({&sockets_, &others});
  (*listener)->Post(1, [&] {
    order.push_back(2);
    EXPECT_EQ(id, std::this_thread::get_id());
  });
  (*listener)->Stop();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST_F(ListenerTest, AllThreadsShareOnePort) {
  options_.threads = 2;
  auto listener = Listener::Create(options_, limits_, metrics_);
  ASSERT_TRUE(listener.ok()) << listener.status();
  FakeSockets others;
  (*listener)->Start({&sockets_, &others});
  // The kernel spreads connections by a hash; of thirty, each gets some.
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<RawClient>((*listener)->port()));
    ASSERT_TRUE(clients.back()->Upgrade("/socket/websocket"));
  }
  EXPECT_THAT(sockets_.Events(), Not(IsEmpty()));
  EXPECT_THAT(others.Events(), Not(IsEmpty()));
  (*listener)->Stop();
}

TEST_F(ListenerTest, ImpossibleOptionsAreRefused) {
  const auto refused = [this](const ListenerOptions& options) {
    return !Listener::Check(options).ok() &&
           !Listener::Create(options, limits_, metrics_).ok();
  };
  EXPECT_TRUE(Listener::Check(options_).ok());
  ListenerOptions options = options_;
  options.address = "nowhere";
  EXPECT_TRUE(refused(options));
  options = options_;
  options.mounts[0].path = "socket";
  EXPECT_TRUE(refused(options));
  options = options_;
  options.trusted_proxies = {"10.0.0.0/99"};
  EXPECT_TRUE(refused(options));
  options = options_;
  options.pages = {{"/", "/no/such/directory"}};
  EXPECT_TRUE(refused(options));
  options = options_;
  options.tls_certificate_file = "/no/such/file";
  EXPECT_TRUE(refused(options));
  options.tls_key_file = "/no/such/file";
  EXPECT_TRUE(refused(options));
}

}  // namespace
}  // namespace aerie::edge
