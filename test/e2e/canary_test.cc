// The broadcast that edges send themselves: with a broker, and with one that
// welcomes edges and then delivers nothing.

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "edge/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/aerie/v1/edge_link.grpc.pb.h"
#include "proto/aerie/v1/link_version.h"
#include "test/support/conversation.h"
#include "test/support/raw_socket.h"
#include "test/support/service_port.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using ::testing::HasSubstr;

edge::Options Hasty() {
  edge::Options options;
  options.listener.address = "127.0.0.1:0";
  options.listener.threads = 2;
  options.admin_address = "127.0.0.1:0";
  options.limits.canary_interval_ms = 20;
  options.limits.canary_silence_ms = 1'000;
  return options;
}

// Lets every socket in, and says no more.
class QuietBroker final : public v1::EdgeLink::Service {
 public:
  explicit QuietBroker(uint32_t minor) : minor_(minor), port_(*this) {}

  std::string address() const { return port_.address(); }

 private:
  using Stream = grpc::ServerReaderWriter<v1::BrokerBatch, v1::EdgeBatch>;

  grpc::Status Link(grpc::ServerContext* /*context*/, Stream* stream) override {
    v1::EdgeBatch batch;
    while (stream->Read(&batch)) {
      v1::BrokerBatch answers;
      for (const v1::EdgeFrame& frame : batch.frames()) Answer(frame, answers);
      if (answers.frames_size() > 0) stream->Write(answers);
    }
    return grpc::Status::OK;
  }

  void Answer(const v1::EdgeFrame& frame, v1::BrokerBatch& answers) const {
    v1::BrokerFrame answer;
    answer.set_socket(frame.socket());
    if (frame.has_hello()) {
      answer.mutable_welcome()->set_major(v1::kLinkMajor);
      answer.mutable_welcome()->set_minor(minor_);
    } else if (frame.has_connect()) {
      answer.mutable_opened();
    } else {
      return;
    }
    *answers.add_frames() = std::move(answer);
  }

  const uint32_t minor_;
  ServicePort port_;
};

std::unique_ptr<edge::Server> EdgeOf(const QuietBroker& broker) {
  edge::Options options = Hasty();
  options.broker = broker.address();
  auto server = edge::Server::Start(options);
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

// Waits for a status of /readyz; what the page says then.
std::string Await(const edge::Server& edge, int status) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  HttpAnswer ready = HttpGet(edge.admin_port(), "/readyz");
  while (ready.status != status &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ready = HttpGet(edge.admin_port(), "/readyz");
  }
  EXPECT_EQ(ready.status, status) << ready.body;
  return ready.body;
}

double Metric(const edge::Server& edge, const std::string& name) {
  const std::string page = HttpGet(edge.admin_port(), "/metrics").body;
  const size_t at = page.find(absl::StrCat("\n", name, " "));
  EXPECT_NE(at, std::string::npos) << name;
  return std::stod(page.substr(at + name.size() + 2));
}

TEST(CanaryTest, ComesBackThroughTheBroker) {
  World world(Hasty());
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (Metric(world.edge(), "aerie_edge_canary_seconds_count") < 10 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GE(Metric(world.edge(), "aerie_edge_canary_seconds_count"), 10);
  EXPECT_GE(world.BrokerMetric("aerie_broker_canaries_total"), 10);
  Await(world.edge(), 200);
}

TEST(CanaryTest, ItsTopicCannotBeJoined) {
  broker::Options options = World::BrokerOptions();
  options.routes.push_back({"*", "relay", {}, {}});
  World world({}, options);
  Conversation client(world.port());
  client.Join("anything else");
  client.Say({"2", "2", "aerie:canary", "phx_join", Json::object()});
  client.Expect(
      {nullptr,
       "2",
       "aerie:canary",
       "phx_reply",
       {{"status", "error"}, {"response", {{"reason", "unmatched topic"}}}}});
}

TEST(CanaryTest, SilenceEndsReadinessButNoSocket) {
  QuietBroker broker(v1::kLinkMinor);
  const std::unique_ptr<edge::Server> edge = EdgeOf(broker);
  Await(*edge, 200);
  Conversation client(edge->port());
  EXPECT_THAT(Await(*edge, 503), HasSubstr("broadcasts do not come back"));
  EXPECT_GT(Metric(*edge, "aerie_edge_canary_lag_seconds"), 1);
  EXPECT_EQ(Metric(*edge, "aerie_edge_link_up"), 1);

  const Json heartbeat = {nullptr, "1", "phoenix", "heartbeat", Json::object()};
  const Json reply = {nullptr,
                      "1",
                      "phoenix",
                      "phx_reply",
                      {{"status", "ok"}, {"response", Json::object()}}};
  client.Say(heartbeat);
  client.Expect(reply);
}

TEST(CanaryTest, ABrokerThatKnowsNoCanariesIsReady) {
  QuietBroker broker(/*minor=*/3);
  const std::unique_ptr<edge::Server> edge = EdgeOf(broker);
  Await(*edge, 200);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  Await(*edge, 200);
  EXPECT_EQ(Metric(*edge, "aerie_edge_canary_lag_seconds"), 0);
}

}  // namespace
}  // namespace aerie::testing
