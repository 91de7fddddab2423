#include "edge/transport/handshake.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::edge {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class HandshakeTest : public ::testing::Test {
 protected:
  HandshakeTest() {
    request_.target = "/socket/websocket?vsn=2.0.0";
    request_.headers = {{"Host", "localhost:4000"},
                        {"Connection", "Upgrade"},
                        {"Upgrade", "websocket"},
                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                        {"Sec-WebSocket-Version", "13"}};
  }

  // Replaces a header; null takes it away.
  void SetHeader(const std::string& name, const json& value) {
    auto& headers = request_.headers;
    headers.erase(
        std::remove_if(headers.begin(), headers.end(),
                       [&](const auto& h) { return h.first == name; }),
        headers.end());
    if (value.is_string()) headers.emplace_back(name, value);
  }

  // The handshake up to its answer, with a broker that says yes.
  std::variant<HandshakeRefusal, Handshake> Check() {
    mounts_.clear();
    absl::StatusOr<Mount> mount = Mount::Create(options_);
    EXPECT_TRUE(mount.ok()) << mount.status();
    mounts_.push_back(*std::move(mount));
    const auto route = FindRoute(mounts_, request_.path());
    EXPECT_TRUE(route.has_value()) << request_.target;
    const auto provenance =
        TrustedProxies::Create({})->Of(request_, {"192.0.2.7", 51000, false});
    auto result = CheckHandshake(request_, *route, provenance);
    if (std::holds_alternative<Handshake>(result)) {
      const auto refusal = CheckUpgradeHeaders(request_);
      if (refusal.has_value()) return *refusal;
    }
    return result;
  }

  Handshake Accepted() {
    const auto result = Check();
    const auto* handshake = std::get_if<Handshake>(&result);
    EXPECT_NE(handshake, nullptr);
    return handshake == nullptr ? Handshake() : *handshake;
  }

  HandshakeRefusal Refused() {
    const auto result = Check();
    const auto* refusal = std::get_if<HandshakeRefusal>(&result);
    EXPECT_NE(refusal, nullptr);
    return refusal == nullptr ? HandshakeRefusal() : *refusal;
  }

  MountOptions options_;
  Request request_;
  std::vector<Mount> mounts_;
};

TEST_F(HandshakeTest, GoldenCases) {
  std::ifstream file("test/data/handshake.json");
  const json cases = json::parse(file);
  ASSERT_EQ(cases.size(), 52u);
  const Request proper = request_;
  for (const json& entry : cases) {
    SCOPED_TRACE(entry.dump());
    options_ = MountOptions();
    options_.auth_token = entry["config"].value("auth_token", false);
    options_.subprotocols =
        entry["config"].value("subprotocols", std::vector<std::string>());
    request_ = proper;
    request_.method = entry["method"];
    request_.target =
        absl::StrCat("/socket/websocket?", entry["query"].get<std::string>());
    for (const auto& [name, value] : entry["headers"].items()) {
      SetHeader(name, value);
    }

    const auto result = Check();
    const auto* handshake = std::get_if<Handshake>(&result);
    const uint32_t status =
        handshake != nullptr ? 101 : std::get<HandshakeRefusal>(result).status;
    EXPECT_EQ(status, entry["expected_status"].get<uint32_t>());
    if (handshake == nullptr) continue;
    EXPECT_EQ(handshake->subprotocol,
              entry["expected_subprotocol"].is_null()
                  ? ""
                  : entry["expected_subprotocol"].get<std::string>());
    if (entry["dialect"].is_null()) continue;
    EXPECT_EQ(handshake->connect.dialect(),
              entry["dialect"] == "1.0.0" ? v1::DIALECT_V1 : v1::DIALECT_V2);
  }
}

TEST_F(HandshakeTest, RefusalsBeforeTheUpgradeHeadersHaveNoBody) {
  request_.method = "POST";
  EXPECT_EQ(Refused().body, "");
  request_.method = "GET";
  SetHeader("Origin", "http://evil.example");
  EXPECT_EQ(Refused().status, 403u);
  EXPECT_EQ(Refused().body, "");
}

TEST_F(HandshakeTest, TheFirstFailureAnswers) {
  request_.method = "POST";
  request_.target = "/socket/websocket?vsn=9&x=%ff";
  SetHeader("Origin", "http://evil.example");
  SetHeader("Sec-WebSocket-Protocol", "foo, base64url.bearer.phx.!");
  SetHeader("Upgrade", nullptr);
  EXPECT_EQ(Refused().cause, RefusalCause::kMethod);
  request_.method = "GET";
  EXPECT_EQ(Refused().cause, RefusalCause::kQuery);
  request_.target = "/socket/websocket?vsn=9";
  EXPECT_EQ(Refused().cause, RefusalCause::kOrigin);
  SetHeader("Origin", "http://localhost:4000");
  EXPECT_EQ(Refused().cause, RefusalCause::kToken);
  SetHeader("Sec-WebSocket-Protocol", "foo");
  EXPECT_EQ(Refused().cause, RefusalCause::kSubprotocol);
  SetHeader("Sec-WebSocket-Protocol", "phoenix");
  EXPECT_EQ(Refused().cause, RefusalCause::kVersion);
  request_.target = "/socket/websocket?vsn=2.0.0";
  EXPECT_EQ(Refused().cause, RefusalCause::kHeaders);
  SetHeader("Upgrade", "websocket");
  EXPECT_EQ(Accepted().subprotocol, "phoenix");
}

TEST_F(HandshakeTest, AMissingUpgradeHeaderIsNamed) {
  for (const char* name : {"Connection", "Upgrade", "Sec-WebSocket-Key",
                           "Sec-WebSocket-Version"}) {
    const Request proper = request_;
    SetHeader(name, nullptr);
    EXPECT_EQ(Refused().status, 400u);
    EXPECT_THAT(Refused().body, HasSubstr(absl::AsciiStrToLower(name)));
    request_ = proper;
  }
  request_.version = 10;
  EXPECT_THAT(Refused().body, HasSubstr("HTTP/1.1"));
}

TEST_F(HandshakeTest, TheBrokerIsToldEverything) {
  options_.path = "/rooms/:id";
  request_.target = "/rooms/7/websocket?vsn=2.0.0&id=8&a%5Bb%5D=1&a[b]=+2";
  SetHeader("User-Agent", "test");
  SetHeader("X-Trace", "abc");
  SetHeader("Cookie", "secret");
  const v1::Connect connect = Accepted().connect;
  EXPECT_EQ(connect.mount(), "/rooms/:id");
  EXPECT_EQ(connect.dialect(), v1::DIALECT_V2);
  EXPECT_EQ(connect.transport(), v1::TRANSPORT_WEBSOCKET);
  EXPECT_EQ(connect.peer(), "192.0.2.7:51000");
  EXPECT_EQ(connect.uri(),
            "http://localhost:4000/rooms/7/websocket"
            "?vsn=2.0.0&id=8&a%5Bb%5D=1&a[b]=+2");
  std::vector<std::string> params;
  for (const v1::Field& field : connect.params()) {
    params.push_back(absl::StrCat(field.name(), "=", field.value()));
  }
  EXPECT_THAT(params,
              ElementsAre("vsn=2.0.0", "id=8", "a[b]=1", "a[b]= 2", "id=7"));
  std::vector<std::string> headers;
  for (const v1::Field& field : connect.headers()) {
    headers.push_back(field.name());
  }
  EXPECT_THAT(headers, ElementsAre("sec-websocket-key", "sec-websocket-version",
                                   "user-agent", "x-trace"));
  EXPECT_FALSE(connect.has_token());
}

TEST_F(HandshakeTest, TokensTravelInTheirOwnFieldOnly) {
  SetHeader("Sec-WebSocket-Protocol", "phoenix, base64url.bearer.phx.c2VjcmV0");
  SetHeader("X-Phoenix-AuthToken", "other");
  v1::Connect connect = Accepted().connect;
  EXPECT_EQ(connect.token(), "secret");
  EXPECT_THAT(connect.DebugString(), Not(HasSubstr("c2VjcmV0")));
  EXPECT_THAT(connect.DebugString(), Not(HasSubstr("other")));

  SetHeader("Sec-WebSocket-Protocol", nullptr);
  EXPECT_EQ(Accepted().connect.token(), "other");
  options_.auth_token = false;
  EXPECT_FALSE(Accepted().connect.has_token());
}

TEST_F(HandshakeTest, HeadersThatAreNotTextStayBehind) {
  SetHeader("X-Name", "\xff");
  SetHeader("User-Agent", "test");
  const v1::Connect connect = Accepted().connect;
  EXPECT_THAT(connect.DebugString(), Not(HasSubstr("x-name")));
  EXPECT_THAT(connect.DebugString(), HasSubstr("user-agent"));
  v1::Connect copy;
  EXPECT_TRUE(copy.ParseFromString(connect.SerializeAsString()));
}

TEST_F(HandshakeTest, FoundingClientsHaveNoVersionAndNoSubprotocol) {
  request_.target = "/socket?user=1";
  SetHeader("Sec-WebSocket-Protocol", "foo");
  const Handshake handshake = Accepted();
  EXPECT_EQ(handshake.connect.dialect(), v1::DIALECT_FOUNDING);
  EXPECT_EQ(handshake.connect.params_size(), 1);
  EXPECT_EQ(handshake.subprotocol, "");
}

TEST_F(HandshakeTest, FoundingClientsPassTheSameChecks) {
  request_.target = "/socket";
  SetHeader("Origin", "http://evil.example");
  EXPECT_EQ(Refused().status, 403u);
  options_.modern = false;
  EXPECT_EQ(Accepted().connect.dialect(), v1::DIALECT_FOUNDING);
  SetHeader("Upgrade", nullptr);
  EXPECT_EQ(Refused().status, 400u);
  request_.method = "POST";
  EXPECT_EQ(Refused().status, 400u);
}

TEST_F(HandshakeTest, ClientsWithoutVersionSpeakTheMountsDefault) {
  request_.target = "/socket/websocket";
  EXPECT_EQ(Accepted().connect.dialect(), v1::DIALECT_V1);
  options_.default_dialect = v1::DIALECT_BRIDGE;
  EXPECT_EQ(Accepted().connect.dialect(), v1::DIALECT_BRIDGE);
}

TEST(AcceptKeyTest, ExampleOfTheRfc) {
  EXPECT_EQ(AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace aerie::edge
