// The C++ SDK's Phoenix client against an edge and a broker.

#include "clients/cpp/phoenix/phoenix_client.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "broker/auth/testing/tokens.h"
#include "clients/cpp/phoenix/loop.h"
#include "common/testing/certificates.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/support/raw_socket.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using client::Payload;
using client::TlsOptions;
using client::phx::Channel;
using client::phx::CloseEvent;
using client::phx::Loop;
using client::phx::PhoenixClient;
using client::phx::Push;
using client::phx::Socket;
using client::phx::SocketOptions;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

using ChannelPtr = std::shared_ptr<Channel>;

// What a client was told, in order. Any thread.
class Heard {
 public:
  void Add(std::string what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    told_.push_back(std::move(what));
    changed_.notify_all();
  }

  // Waits for the next; empty when there is none in time.
  std::string Next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, kPatience, [this] { return !told_.empty(); });
    if (told_.empty()) return "";
    std::string next = std::move(told_.front());
    told_.pop_front();
    return next;
  }

  // Of a push: `NAME STATUS RESPONSE`.
  void Note(const Push& push, const std::string& name) {
    for (const char* status : {"ok", "error", "timeout"}) {
      push.Receive(status, [this, name, status](const Payload& response) {
        Add(absl::StrCat(name, " ", status, " ", response.text()));
      });
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> told_;
};

// A world and a client of it, which notes what happens to it.
class PhoenixClientTest : public ::testing::Test {
 protected:
  ~PhoenixClientTest() override { client_.reset(); }

  void Start(SocketOptions options = {}, edge::Options edge = {},
             broker::Options broker = World::BrokerOptions(),
             absl::string_view scheme = "ws") {
    world_ = std::make_unique<World>(std::move(edge), std::move(broker));
    Connect(std::move(options), scheme);
  }

  void Connect(SocketOptions options, absl::string_view scheme = "ws") {
    options.rejoin_after_ms = [](int) { return 20; };
    client_ = std::make_unique<PhoenixClient>(
        absl::StrCat(scheme, "://127.0.0.1:", world_->port(), "/socket"),
        options);
    client_->Run([this](Socket& socket) {
      socket.OnOpen([this] { heard_.Add("open"); });
      socket.OnClose([this](const CloseEvent& event) {
        heard_.Add(absl::StrCat("close ", event.code));
      });
      socket.OnError([this](const absl::Status& status) {
        heard_.Add(absl::StrCat("error ", status.message()));
      });
      EXPECT_TRUE(socket.Connect().ok());
    });
  }

  // What a client over TLS hears first.
  std::string FirstWord(const SocketOptions& options) {
    Heard heard;
    PhoenixClient client(
        absl::StrCat("wss://127.0.0.1:", world_->port(), "/socket"), options);
    client.Run([&heard](Socket& socket) {
      socket.OnOpen([&heard] { heard.Add("open"); });
      socket.OnError([&heard](const absl::Status& status) {
        heard.Add(std::string(status.message()));
      });
      EXPECT_TRUE(socket.Connect().ok());
    });
    return heard.Next();
  }

  // Joins, noting what the channel hears.
  ChannelPtr Join(const std::string& topic, const std::string& params = "{}") {
    ChannelPtr channel;
    client_->Run([&](Socket& socket) {
      channel = socket.MakeChannel(topic, Payload::Json(params));
      for (const char* event : {"bc", "pushed", "terminated"}) {
        channel->On(event, [this, topic, event](const Payload& payload) {
          heard_.Add(absl::StrCat(topic, " ", event, " ", payload.text()));
        });
      }
      channel->OnError(
          [this, topic](const Payload&) { heard_.Add(topic + " phx_error"); });
      channel->OnClose([this, topic] { heard_.Add(topic + " phx_close"); });
      heard_.Note(channel->Join(2'000), topic);
    });
    return channel;
  }

  void Say(const ChannelPtr& channel, const std::string& event,
           const std::string& payload = "{}") {
    client_->Run([&](Socket&) {
      heard_.Note(channel->Push(event, Payload::Json(payload)), event);
    });
  }

  Heard heard_;
  std::unique_ptr<World> world_;
  std::unique_ptr<PhoenixClient> client_;
};

TEST_F(PhoenixClientTest, JoinsPushesAndIsAnswered) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a", R"({"reply":{"hello":"you"}})");
  EXPECT_EQ(heard_.Next(), R"(room:a ok {"hello":"you"})");
  Say(room, "echo", R"({"n":1.50})");
  EXPECT_EQ(heard_.Next(), R"(echo ok {"n":1.50})");
  Say(room, "fail", R"({"why":"not"})");
  EXPECT_EQ(heard_.Next(), R"(fail error {"why":"not"})");
  Say(room, "push_reply", R"({"n":2})");
  EXPECT_EQ(heard_.Next(), R"(room:a pushed {"n":2})");
  EXPECT_THAT(heard_.Next(), StartsWith("push_reply ok"));
}

TEST_F(PhoenixClientTest, WhatIsSaidBeforeItIsOpenIsSentThen) {
  world_ = std::make_unique<World>();
  Heard heard;
  PhoenixClient client(
      absl::StrCat("ws://127.0.0.1:", world_->port(), "/socket"));
  client.Run([&](Socket& socket) {
    const ChannelPtr room = socket.MakeChannel("room:a");
    room->Join();
    heard.Note(room->Push("echo", Payload::Json("[1]")), "echo");
    EXPECT_TRUE(socket.Connect().ok());
  });
  EXPECT_EQ(heard.Next(), "echo ok [1]");
}

TEST_F(PhoenixClientTest, ADeniedJoinIsAnErrorAndTriedAgain) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  Join("room:deny");
  EXPECT_EQ(heard_.Next(), R"(room:deny error {"reason":"denied"})");
  EXPECT_EQ(heard_.Next(), R"(room:deny error {"reason":"denied"})");
}

TEST_F(PhoenixClientTest, WhatIsNotAnsweredTimesOut) {
  Start({.timeout_ms = 200});
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  client_->Run(
      [&](Socket&) { heard_.Note(room->Push("quiet", {}, 50), "quiet"); });
  EXPECT_EQ(heard_.Next(), "quiet timeout {}");
  client_->Run([&](Socket& socket) {
    heard_.Note(socket.MakeChannel("room:silent")->Join(50), "silent");
  });
  EXPECT_EQ(heard_.Next(), "silent timeout {}");
}

TEST_F(PhoenixClientTest, BroadcastsReachEveryClientOfTheTopic) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr a = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  // A client that shares a thread with another one, in another topic as well.
  Heard heard;
  const auto loop = std::make_shared<Loop>();
  const std::string endpoint =
      absl::StrCat("ws://127.0.0.1:", world_->port(), "/socket");
  PhoenixClient other(endpoint, {}, loop);
  PhoenixClient third(endpoint, {}, loop);
  for (const auto& [one, topic] :
       {std::make_pair(&other, "room:a"), std::make_pair(&third, "room:b")}) {
    one->Run([&heard, name = std::string(topic)](Socket& socket) {
      const ChannelPtr room = socket.MakeChannel(name);
      room->On("bc", [&heard, name](const Payload& payload) {
        heard.Add(absl::StrCat(name, " ", payload.text()));
      });
      heard.Note(room->Join(), name);
      EXPECT_TRUE(socket.Connect().ok());
    });
    EXPECT_EQ(heard.Next(), absl::StrCat(topic, " ok {}"));
  }
  Say(a, "bcast", R"({"n":1})");
  EXPECT_EQ(heard_.Next(), R"(room:a bc {"n":1})");
  EXPECT_EQ(heard_.Next(), "bcast ok {}");
  Say(a, "bcast_from", R"({"n":2})");
  EXPECT_EQ(heard_.Next(), "bcast_from ok {}");
  EXPECT_EQ(heard.Next(), R"(room:a {"n":1})");
  EXPECT_EQ(heard.Next(), R"(room:a {"n":2})");
}

TEST_F(PhoenixClientTest, TwoTopicsOfASocketAreApart) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr a = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  const ChannelPtr b = Join("room:b");
  EXPECT_EQ(heard_.Next(), "room:b ok {}");
  Say(b, "push", R"({"to":"b"})");
  EXPECT_EQ(heard_.Next(), R"(room:b pushed {"to":"b"})");
  Say(a, "boom");
  EXPECT_EQ(heard_.Next(), "room:a phx_error");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(b, "echo");
  EXPECT_EQ(heard_.Next(), "echo ok {}");
}

TEST_F(PhoenixClientTest, BinaryPayloadsTravelBothWays) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  // Of many packets.
  const std::string bytes =
      std::string("\0\xff[]", 4) + std::string(300'000, '\xfe');
  client_->Run([&](Socket&) {
    room->Push("echo", Payload::Bytes(bytes))
        .Receive("ok", [&](const Payload& response) {
          EXPECT_TRUE(response.binary());
          heard_.Add(response.text());
        });
    room->Push("bcast", Payload::Bytes(bytes));
  });
  EXPECT_TRUE(heard_.Next() == bytes);
  EXPECT_TRUE(heard_.Next() == "room:a bc " + bytes);
}

TEST_F(PhoenixClientTest, ACrashedChannelIsJoinedAgain) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(room, "boom");
  EXPECT_EQ(heard_.Next(), "room:a phx_error");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(room, "echo", R"({"again":true})");
  EXPECT_EQ(heard_.Next(), R"(echo ok {"again":true})");
}

TEST_F(PhoenixClientTest, AChannelThatTheServerStopsIsOver) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(room, "stop_reply");
  EXPECT_EQ(heard_.Next(), "stop_reply ok {}");
  EXPECT_EQ(heard_.Next(), "room:a phx_close");
}

TEST_F(PhoenixClientTest, LeavesAndTheServerKnows) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  Join("room:watch");
  EXPECT_EQ(heard_.Next(), "room:watch ok {}");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  client_->Run([&](Socket&) { heard_.Note(room->Leave(), "leave"); });
  // Between topics there is no order.
  std::vector<std::string> told = {heard_.Next(), heard_.Next(), heard_.Next()};
  EXPECT_THAT(
      told, UnorderedElementsAre(
                "room:a phx_close", "leave ok {}",
                R"(room:watch terminated {"reason":"left","topic":"room:a"})"));
}

TEST_F(PhoenixClientTest, AnEdgeThatIsKilledIsConnectedToAgain) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  world_->StopEdge();
  EXPECT_THAT(heard_.Next(), StartsWith("error connection lost"));
  EXPECT_EQ(heard_.Next(), "room:a phx_error");
  EXPECT_EQ(heard_.Next(), "close 1006");
  // Waits for the next join.
  Say(room, "echo", R"({"late":true})");
  world_->StartEdge();
  std::string next = heard_.Next();
  while (next == "close 1006" || absl::StartsWith(next, "error")) {
    next = heard_.Next();
  }
  EXPECT_EQ(next, "open");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  EXPECT_EQ(heard_.Next(), R"(echo ok {"late":true})");
}

TEST_F(PhoenixClientTest, DisconnectWritesWhatWasSaid) {
  Start();
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Heard heard;
  PhoenixClient listener(
      absl::StrCat("ws://127.0.0.1:", world_->port(), "/socket"));
  listener.Run([&heard](Socket& socket) {
    const ChannelPtr other = socket.MakeChannel("room:a");
    other->On("bc",
              [&heard](const Payload& payload) { heard.Add(payload.text()); });
    heard.Note(other->Join(), "join");
    EXPECT_TRUE(socket.Connect().ok());
  });
  EXPECT_EQ(heard.Next(), "join ok {}");
  ASSERT_TRUE(client_
                  ->Post([&](Socket&) {
                    for (int i = 0; i < 50; ++i) {
                      room->Push("bcast", Payload::Json(
                                              absl::StrCat("{\"n\":", i, "}")));
                    }
                  })
                  .ok());
  client_->Disconnect();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(heard.Next(), absl::StrCat("{\"n\":", i, "}"));
  }
}

TEST_F(PhoenixClientTest, ARefusedUpgradeSaysItsStatus) {
  broker::Options broker = World::BrokerOptions();
  broker.connect.rule = broker::ConnectOptions::Rule::kJwt;
  broker.connect.jwt.jwks_file = broker::WriteJwks(
      "jwks",
      broker::Issuer("a secret of more than thirty-two bytes", "k").Jwk());
  Start({}, {}, std::move(broker));
  EXPECT_EQ(heard_.Next(), "error the upgrade was answered 403");
  EXPECT_EQ(heard_.Next(), "close 1006");
}

TEST_F(PhoenixClientTest, ATokenTravelsInTheSubprotocolHeader) {
  const broker::Issuer issuer("a secret of more than thirty-two bytes", "k");
  broker::Options broker = World::BrokerOptions();
  broker.connect.rule = broker::ConnectOptions::Rule::kJwt;
  broker.connect.jwt.jwks_file = broker::WriteJwks("jwks", issuer.Jwk());
  broker.connect.jwt.socket_id = "users:{sub}";
  broker.connect.jwt.topics = {"room:*"};
  Start({.auth_token = client::StaticToken(issuer.Token(
             absl::StrCat(R"({"sub":"ada","exp":)",
                          absl::ToUnixSeconds(absl::Now()) + 3'600, "}")))},
        {}, std::move(broker));
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(room, "whoami");
  EXPECT_THAT(heard_.Next(), HasSubstr(R"("id":"users:ada")"));
}

TEST_F(PhoenixClientTest, WssChecksWhomItTalksTo) {
  const aerie::testing::CertificateFiles certificate =
      aerie::testing::WriteCertificate(
          ::testing::TempDir() + "/" + "edge.example", "edge.example");
  edge::Options edge;
  edge.listener.tls_certificate_file = certificate.certificate;
  edge.listener.tls_key_file = certificate.key;
  Start({.tls = {.ca_file = certificate.certificate,
                 .server_name = "edge.example"}},
        std::move(edge), World::BrokerOptions(), "wss");
  EXPECT_EQ(heard_.Next(), "open");
  const ChannelPtr room = Join("room:a");
  EXPECT_EQ(heard_.Next(), "room:a ok {}");
  Say(room, "echo", R"({"n":1})");
  EXPECT_EQ(heard_.Next(), R"(echo ok {"n":1})");
  client_->Disconnect();
  EXPECT_EQ(heard_.Next(), "room:a phx_error");
  EXPECT_EQ(heard_.Next(), "close 1000");

  // Another name; an authority that is nobody's; no such file.
  const TlsOptions known = {.ca_file = certificate.certificate};
  EXPECT_THAT(FirstWord({.tls = known}), HasSubstr("certificate verify"));
  const TlsOptions unknown = {.server_name = "edge.example"};
  EXPECT_THAT(FirstWord({.tls = unknown}), HasSubstr("certificate verify"));
  EXPECT_THAT(FirstWord({.tls = {.ca_file = "/no/such/file"}}),
              HasSubstr("cannot use /no/such/file"));
}

}  // namespace
}  // namespace aerie::testing
