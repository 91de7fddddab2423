// The golden upgrade requests against mounts with the settings that they name.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "test/e2e/golden.h"
#include "test/support/raw_websocket.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using nlohmann::json;

edge::MountOptions Mount(const std::string& path) {
  edge::MountOptions mount;
  mount.path = path;
  mount.auth_token = false;
  return mount;
}

// A mount for each `config` of the entries.
edge::Options EdgeOptions() {
  edge::MountOptions subprotocols = Mount("/subprotocols");
  subprotocols.subprotocols = {"sip", "mqtt"};
  edge::MountOptions tokens = Mount("/tokens");
  tokens.auth_token = true;
  edge::Options options;
  options.listener.mounts = {Mount("/plain"), subprotocols, tokens};
  return options;
}

std::string MountOf(const json& config) {
  if (config.contains("subprotocols")) return "/subprotocols";
  if (config.value("auth_token", false)) return "/tokens";
  return "/plain";
}

class HandshakeTest : public ::testing::TestWithParam<json> {
 protected:
  static void SetUpTestSuite() { world_ = new World(EdgeOptions()); }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static World* world_;
};

World* HandshakeTest::world_ = nullptr;

Upgrade UpgradeOf(const json& entry) {
  Upgrade upgrade =
      Upgrade::To(absl::StrCat(MountOf(entry["config"]), "/websocket?",
                               entry["query"].get<std::string>()));
  upgrade.method = entry["method"].get<std::string>();
  for (const auto& [name, value] : entry["headers"].items()) {
    if (value.is_null()) {
      upgrade.Without(name);
    } else {
      upgrade.With(name, value.get<std::string>());
    }
  }
  return upgrade;
}

// A heartbeat is answered in the words of the dialect.
void ExpectDialect(RawWebSocket& socket, const std::string& dialect) {
  const json reply = {{"status", "ok"}, {"response", json::object()}};
  json heartbeat = {nullptr, "1", "phoenix", "heartbeat", json::object()};
  json answer = {nullptr, "1", "phoenix", "phx_reply", reply};
  if (dialect == "1.0.0") {
    heartbeat = {{"topic", "phoenix"},
                 {"event", "heartbeat"},
                 {"payload", json::object()},
                 {"ref", "1"}};
    answer = {{"topic", "phoenix"},
              {"event", "phx_reply"},
              {"payload", reply},
              {"ref", "1"}};
  }
  ASSERT_TRUE(socket.SendText(heartbeat.dump()));
  const RawFrame frame = socket.Receive();
  ASSERT_EQ(frame.kind, RawFrame::kText);
  EXPECT_EQ(json::parse(frame.payload), answer);
}

TEST_P(HandshakeTest, IsAnsweredAsPhoenixDoes) {
  const json& entry = GetParam();
  RawWebSocket socket(world_->port(), UpgradeOf(entry));
  EXPECT_EQ(socket.answer().status, entry["expected_status"].get<int>())
      << socket.answer().headers;
  if (entry["expected_status"] == 403) {
    EXPECT_EQ(socket.answer().body, "");
  }
  const json& subprotocol = entry["expected_subprotocol"];
  EXPECT_EQ(socket.answer().Header("sec-websocket-protocol"),
            subprotocol.is_null() ? "" : subprotocol.get<std::string>());
  if (!socket.open()) return;
  EXPECT_EQ(socket.answer().Header("sec-websocket-accept"),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(socket.answer().Header("cache-control"),
            "max-age=0, private, must-revalidate");
  EXPECT_EQ(socket.answer().Header("access-control-allow-origin"), "");
  const std::string dialect =
      entry["dialect"].is_null() ? "2.0.0" : entry["dialect"];
  ExpectDialect(socket, dialect);
}

INSTANTIATE_TEST_SUITE_P(Golden, HandshakeTest,
                         ::testing::ValuesIn(Golden("handshake")),
                         [](const auto& info) {
                           return TestName(info.param, info.index);
                         });

TEST_F(HandshakeTest, AnOriginOfElsewhereIsRefused) {
  Upgrade upgrade = Upgrade::To("/plain/websocket?vsn=2.0.0");
  upgrade.With("Origin", "https://elsewhere.example");
  RawWebSocket refused(world_->port(), upgrade);
  EXPECT_EQ(refused.answer().status, 403);
  upgrade.With("Origin", absl::StrCat("http://localhost:", world_->port()));
  RawWebSocket accepted(world_->port(), upgrade);
  EXPECT_EQ(accepted.answer().status, 101);
}

TEST_F(HandshakeTest, ThePathsOfAMountAndNoOthersAreServed) {
  // A modern client's path, the founding one, and a trailing slash.
  for (const char* target :
       {"/plain/websocket?vsn=2.0.0", "/plain", "/plain/websocket/"}) {
    RawWebSocket socket(world_->port(), Upgrade::To(target));
    EXPECT_EQ(socket.answer().status, 101) << target;
  }
  for (const char* target : {"/", "/elsewhere/websocket", "/plain/other"}) {
    RawWebSocket socket(world_->port(), Upgrade::To(target));
    EXPECT_EQ(socket.answer().status, 404) << target;
  }
}

}  // namespace
}  // namespace aerie::testing
