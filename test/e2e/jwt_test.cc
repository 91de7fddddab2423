// What clients see whose tokens are signed.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "broker/auth/testing/tokens.h"
#include "gtest/gtest.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

const char kSecret[] = "a secret of more than thirty-two bytes";

broker::Options Signed() {
  broker::Options options = World::BrokerOptions();
  options.connect.rule = broker::ConnectOptions::Rule::kJwt;
  broker::JwtOptions& jwt = options.connect.jwt;
  jwt.jwks_file = broker::WriteJwks("jwks", broker::Issuer(kSecret, "k").Jwk());
  jwt.leeway_ms = 0;
  jwt.socket_id = "users:{sub}";
  jwt.assigns = {{"name", "{profile.name}"}};
  jwt.topics = {"room:{rooms}", "room:{sub}:*", "rooms:*"};
  options.limits.grant_grace_ms = 0;
  return options;
}

// A token that is valid for a while.
std::string Token(int64_t seconds = 3'600) {
  return broker::Issuer(kSecret, "k")
      .Token(absl::StrCat(R"({"sub":"ada","profile":{"name":"Ada"},)",
                          R"("rooms":["a","b"],"exp":)",
                          absl::ToUnixSeconds(absl::Now()) + seconds, "}"));
}

std::string With(const std::string& token) {
  return absl::StrCat("/socket/websocket?vsn=2.0.0&token=", token);
}

Json Refused(const std::string& ref, const std::string& topic) {
  return {ref,
          ref,
          topic,
          "phx_reply",
          {{"status", "error"}, {"response", {{"reason", "unauthorized"}}}}};
}

TEST(JwtTest, AValidTokenOpensASocketAndSaysWhoItIs) {
  World world({}, Signed());
  Conversation client(world.port(), With(Token()));
  client.Join("room:a", "1");
  client.Say({"1", "2", "room:a", "whoami", Json::object()});
  const Json expected = {{"id", "users:ada"}, {"assigns", {{"name", "Ada"}}}};
  EXPECT_EQ(client.Hear()[4]["response"], expected);
}

TEST(JwtTest, AnyOtherDoesNot) {
  World world({}, Signed());
  std::string tampered = Token();
  tampered[tampered.size() / 2] ^= 1;
  for (const std::string& token :
       {std::string(), std::string("x"), tampered, Token(-1)}) {
    RawWebSocket refused(world.port(), Upgrade::To(With(token)));
    EXPECT_EQ(refused.answer().status, 403) << token;
  }
  EXPECT_EQ(world.BrokerMetric("aerie_broker_tokens_refused_total"), 4);
}

TEST(JwtTest, ItsClaimsSayWhatMayBeJoined) {
  World world({}, Signed());
  Conversation client(world.port(), With(Token()));
  client.Join("room:b", "1");
  client.Join("room:ada:inbox", "2");
  client.Say({"3", "3", "room:c", "phx_join", Json::object()});
  client.Expect(Refused("3", "room:c"));
  client.Say({"4", "4", "relay:a", "phx_join", Json::object()});
  client.Expect(Refused("4", "relay:a"));
  client.Echo("room:b", "1");
}

TEST(JwtTest, ThatHoldsWithTheNextBroker) {
  World world({}, Signed());
  Conversation client(world.port(), With(Token()));
  client.Join("room:a", "1");
  world.StopBroker();
  EXPECT_EQ(client.Hear()[3], "phx_error");
  world.StartBroker();
  world.AwaitLink();
  client.Say({"2", "2", "room:c", "phx_join", Json::object()});
  client.Expect(Refused("2", "room:c"));
  client.Join("room:a", "3");
}

TEST(JwtTest, ItsEndIsAnnouncedAndThenTheSocketIsClosed) {
  World world({}, Signed());
  Conversation client(world.port(), With(Token(2)));
  client.Join("room:a", "1");
  const Json told = client.Hear();
  EXPECT_EQ(told[3], "token_expiring");
  EXPECT_LE(told[4]["expires_in"], 2);
  EXPECT_EQ(client.CloseCode(), 1008);
  EXPECT_EQ(world.BrokerMetric("aerie_broker_closes_total"), 1);
}

TEST(JwtTest, AServiceRenewsIt) {
  World world({}, Signed());
  ControlStub control(absl::StrCat("127.0.0.1:", world.broker().port()));
  Conversation client(world.port(), With(Token(2)));
  client.Join("room:a", "1");
  EXPECT_EQ(client.Hear()[3], "token_expiring");
  v1::ListSocketsResponse sockets;
  ASSERT_TRUE(control
                  .Call(&v1::Control::Stub::ListSockets,
                        v1::ListSocketsRequest(), &sockets)
                  .ok());
  ASSERT_EQ(sockets.sockets_size(), 1);
  v1::RenewTokenRequest request;
  request.set_socket_key(sockets.sockets(0).socket().key());
  request.set_token(Token(3'600));
  v1::RenewTokenResponse response;
  ASSERT_TRUE(
      control.Call(&v1::Control::Stub::RenewToken, request, &response).ok());
  EXPECT_NEAR(response.expires().seconds(),
              absl::ToUnixSeconds(absl::Now()) + 3'600, 60);
  absl::SleepFor(absl::Seconds(3));
  client.Echo("room:a", "1");
  client.Join("room:b", "2");

  // Not any token, and not any socket.
  const auto refusal = [&] {
    return control.Call(&v1::Control::Stub::RenewToken, request, &response)
        .error_code();
  };
  request.set_token(Token(-1));
  EXPECT_EQ(refusal(), grpc::StatusCode::INVALID_ARGUMENT);
  request.set_token(
      broker::Issuer(kSecret, "k")
          .Token(absl::StrCat(R"({"sub":"bob","exp":)",
                              absl::ToUnixSeconds(absl::Now()) + 3'600, "}")));
  EXPECT_EQ(refusal(), grpc::StatusCode::INVALID_ARGUMENT);
  request.set_token(Token(3'600));
  request.set_socket_key("nobody/1");
  EXPECT_EQ(refusal(), grpc::StatusCode::NOT_FOUND);
}

TEST(JwtTest, AFoundingClientIsIgnored) {
  broker::Options options = Signed();
  options.connect.jwt.topics = {"room:*"};
  World world({}, options);
  RawWebSocket client(world.port(),
                      Upgrade::To(absl::StrCat("/socket?token=", Token())));
  client.SendText(R"({"topic":"rooms:x","event":"phx_join","payload":{},)"
                  R"("ref":"1"})");
  const Json reply = Json::parse(client.Receive().payload);
  EXPECT_EQ(reply["payload"]["status"], "ignore");
  EXPECT_EQ(reply["payload"]["response"], Json::object());
}

}  // namespace
}  // namespace aerie::testing
