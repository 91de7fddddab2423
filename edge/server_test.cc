// The edge as one piece, without a broker: what it says to clients, operators
// and Kubernetes then. With one: test/e2e.

#include "edge/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "test/support/raw_socket.h"
#include "test/support/raw_websocket.h"

namespace aerie::edge {
namespace {

using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpGet;
using ::testing::Not;
using testing::RawWebSocket;

class ServerTest : public ::testing::Test {
 protected:
  static Options TestOptions() {
    Options options;
    options.listener.address = "127.0.0.1:0";
    options.listener.threads = 2;
    options.admin_address = "127.0.0.1:0";
    options.broker = "127.0.0.1:1";  // Nobody listens there.
    return options;
  }

  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(TestOptions());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, WithoutABrokerItLivesButIsNotReady) {
  EXPECT_FALSE(server_->ready());
  EXPECT_EQ(HttpGet(server_->admin_port(), "/livez").status, 200);
  const HttpAnswer ready = HttpGet(server_->admin_port(), "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("no broker"));
  EXPECT_THAT(ready.body, Not(HasSubstr("draining")));
}

TEST_F(ServerTest, WithoutABrokerClientsAreToldToComeAgain) {
  const RawWebSocket client(server_->port());
  EXPECT_EQ(client.answer().status, 503);
  EXPECT_NE(client.answer().Header("retry-after"), "");
}

TEST_F(ServerTest, MetricsNameTheBuild) {
  const HttpAnswer metrics = HttpGet(server_->admin_port(), "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("aerie_edge_build_info"));
  EXPECT_THAT(metrics.body, HasSubstr("aerie_edge_sockets 0"));
}

TEST_F(ServerTest, DrainWithoutSocketsEndsAtOnce) {
  server_->Drain();  // The window is longer than the test may take.
  const HttpAnswer ready = HttpGet(server_->admin_port(), "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("draining"));
  EXPECT_EQ(HttpGet(server_->admin_port(), "/livez").status, 200);
}

TEST_F(ServerTest, TakenAdminPortIsAnError) {
  Options options = TestOptions();
  options.admin_address = absl::StrCat("127.0.0.1:", server_->admin_port());
  EXPECT_FALSE(Server::Start(options).ok());
}

TEST_F(ServerTest, ImpossibleListenerIsAnError) {
  Options options = TestOptions();
  options.listener.tls_certificate_file = "/nowhere/certificate.pem";
  options.listener.tls_key_file = "/nowhere/key.pem";
  EXPECT_FALSE(Server::Start(options).ok());
}

}  // namespace
}  // namespace aerie::edge
