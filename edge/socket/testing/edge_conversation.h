#ifndef AERIE_EDGE_SOCKET_TESTING_EDGE_CONVERSATION_H_
#define AERIE_EDGE_SOCKET_TESTING_EDGE_CONVERSATION_H_

#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/socket_table.h"
#include "edge/socket/testing/fake_transport.h"
#include "edge/socket/testing/fake_upstream.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// One open socket, seen from its client.
struct Client {
  SocketNumber number = 0;
  FakeTransport transport;
  Socket* socket = nullptr;

  void Says(absl::string_view text) {
    socket->OnFrame(phoenix::Opcode::kText, text);
  }
  // What the client has heard since the last call.
  std::vector<nlohmann::json> Heard() {
    std::vector<nlohmann::json> texts;
    for (const phoenix::Frame& frame : transport.TakeFrames()) {
      texts.push_back(nlohmann::json::parse(*frame.bytes));
    }
    return texts;
  }
};

// A socket table between clients and a broker that the test plays both.
class EdgeConversation : public ::testing::Test {
 protected:
  explicit EdgeConversation(const Limits& limits = {}, uint32_t index = 0,
                            uint32_t threads = 1)
      : table_(index, threads, limits, broker_, metrics_, clock_) {
    table_.LinkUp(1);
  }

  static v1::Connect Request(v1::Dialect dialect = v1::DIALECT_V2) {
    v1::Connect request;
    request.set_mount("/socket");
    request.set_dialect(dialect);
    return request;
  }

  // Asks, and notes the answer in `answers_`. The number that was asked for; 0
  // if the broker was not asked.
  SocketNumber Connect(v1::Dialect dialect = v1::DIALECT_V2) {
    broker_.TakeFrames();
    table_.Connect(Request(dialect), [this](ConnectAnswer answer) {
      answers_.push_back(std::move(answer));
    });
    const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
    return frames.empty() ? 0 : frames[0].socket();
  }

  void Opened(SocketNumber number) {
    v1::BrokerFrame frame = Frame(number);
    frame.mutable_opened()->set_resume_blob("blob");
    table_.Apply(frame);
  }

  // A client with an open socket; it lives as long as the test.
  Client& Open(v1::Dialect dialect = v1::DIALECT_V2) {
    Client& client = clients_.emplace_back();
    client.number = Connect(dialect);
    Opened(client.number);
    client.socket = &table_.Open(client.number, client.transport);
    return client;
  }

  static v1::BrokerFrame Frame(SocketNumber number) {
    v1::BrokerFrame frame;
    frame.set_socket(number);
    return frame;
  }

  // The broker says `message` to the client.
  void Tell(const Client& client, const v1::Message& message) {
    v1::BrokerFrame frame = Frame(client.number);
    *frame.mutable_message() = message;
    table_.Apply(frame);
  }

  // An ok reply; refs are JSON text.
  static v1::Message Reply(v1::Message::Kind kind, absl::string_view topic,
                           absl::string_view ref, absl::string_view join_ref) {
    v1::Message reply;
    reply.set_kind(kind);
    reply.set_topic(std::string(topic));
    reply.set_ref(std::string(ref));
    reply.set_join_ref(std::string(join_ref));
    reply.set_status("ok");
    return reply;
  }

  static v1::Message Closed(absl::string_view topic,
                            absl::string_view join_ref) {
    v1::Message exit;
    exit.set_kind(v1::Message::KIND_EXIT);
    exit.set_exit(v1::Message::EXIT_CLASS_GRACEFUL);
    exit.set_announced(true);
    exit.set_topic(std::string(topic));
    exit.set_join_ref(std::string(join_ref));
    return exit;
  }

  void Enlist(const Client& client, absl::string_view topic, uint64_t pid,
              absl::string_view join_ref = "\"1\"", uint32_t group = 0) {
    v1::BrokerFrame frame = Frame(client.number);
    frame.mutable_enlist()->set_topic(std::string(topic));
    frame.mutable_enlist()->set_pid(pid);
    frame.mutable_enlist()->set_group(group);
    frame.mutable_enlist()->set_join_ref(std::string(join_ref));
    table_.Apply(frame);
  }

  void Delist(const Client& client, absl::string_view topic, uint64_t pid) {
    v1::BrokerFrame frame = Frame(client.number);
    frame.mutable_delist()->set_topic(std::string(topic));
    frame.mutable_delist()->set_pid(pid);
    table_.Apply(frame);
  }

  void Broadcast(absl::string_view topic, uint64_t except = 0,
                 uint32_t groups = 1) {
    v1::BrokerFrame frame = Frame(0);
    v1::Fanout& fanout = *frame.mutable_fanout();
    fanout.set_groups(groups);
    if (except != 0) fanout.add_except(except);
    fanout.mutable_message()->set_kind(v1::Message::KIND_BROADCAST);
    fanout.mutable_message()->set_topic(std::string(topic));
    fanout.mutable_message()->set_event("new");
    fanout.mutable_message()->set_json("{}");
    table_.Apply(frame);
  }

  void EndByBroker(SocketNumber number, uint32_t code) {
    v1::BrokerFrame frame = Frame(number);
    frame.mutable_close()->set_code(code);
    table_.Apply(frame);
  }

  FakeClock clock_;
  FakeUpstream broker_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  SocketTable table_;
  std::vector<ConnectAnswer> answers_;
  std::deque<Client> clients_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TESTING_EDGE_CONVERSATION_H_
