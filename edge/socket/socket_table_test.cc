#include "edge/socket/socket_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <variant>
#include <vector>

#include "edge/socket/testing/edge_conversation.h"

namespace aerie::edge {
namespace {

using ::nlohmann::literals::operator""_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SocketTableTest : public EdgeConversation {
 protected:
  static Limits TestLimits() {
    Limits limits;
    limits.connects_pending_max = 8;
    limits.connect_timeout_ms = 10'000;
    return limits;
  }

  // The table of the third of four threads.
  SocketTableTest() : EdgeConversation(TestLimits(), 2, 4) {}

  void RefusedByBroker(SocketNumber number, uint32_t status) {
    v1::BrokerFrame frame = Frame(number);
    frame.mutable_refused()->set_status(status);
    frame.mutable_refused()->set_body("no");
    table_.Apply(frame);
  }

  // Statuses of the answers so far; 0: opened.
  std::vector<uint32_t> Statuses() const {
    std::vector<uint32_t> statuses;
    for (const ConnectAnswer& answer : answers_) {
      const Refusal* refusal = std::get_if<Refusal>(&answer);
      statuses.push_back(refusal == nullptr ? 0 : refusal->status);
    }
    return statuses;
  }
};

TEST_F(SocketTableTest, NumbersNameTheirThreadAndAreNeverReused) {
  std::set<SocketNumber> numbers;
  for (int i = 0; i < 100; ++i) {
    const SocketNumber number = Connect();
    EXPECT_EQ(number % 4, 2u);
    EXPECT_TRUE(numbers.insert(number).second);
    Opened(number);
    table_.Abandon(number);
  }
}

TEST_F(SocketTableTest, FirstThreadHasNoSocketZero) {
  SocketTable first(0, 4, TestLimits(), broker_, metrics_, clock_);
  first.LinkUp(1);
  first.Connect(Request(), [](const ConnectAnswer&) {});
  EXPECT_EQ(broker_.TakeFrames().at(0).socket(), 4u);
}

TEST_F(SocketTableTest, BrokerIsAskedWithAllThatTheClientSaid) {
  v1::Connect request = Request(v1::DIALECT_BRIDGE);
  request.set_peer("192.0.2.7:51000");
  request.set_token("secret");
  table_.Connect(request, [](const ConnectAnswer&) {});
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_EQ(frames[0].connect().SerializeAsString(),
            request.SerializeAsString());
}

TEST_F(SocketTableTest, OpenedIsAnsweredWithTheNumber) {
  const SocketNumber number = Connect();
  EXPECT_THAT(answers_, IsEmpty());
  Opened(number);
  ASSERT_THAT(answers_, SizeIs(1));
  EXPECT_EQ(std::get<SocketNumber>(answers_[0]), number);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(SocketTableTest, RefusalIsPassedOn) {
  RefusedByBroker(Connect(), 403);
  ASSERT_THAT(Statuses(), ElementsAre(403));
  EXPECT_EQ(std::get<Refusal>(answers_[0]).body, "no");
}

TEST_F(SocketTableTest, RefusalWithoutAFailureStatusIsA500) {
  RefusedByBroker(Connect(), 200);
  EXPECT_THAT(Statuses(), ElementsAre(500));
}

TEST_F(SocketTableTest, WithoutALinkClientsAreRefused) {
  table_.LinkLost();
  EXPECT_EQ(Connect(), 0u);
  EXPECT_THAT(Statuses(), ElementsAre(503));
}

TEST_F(SocketTableTest, LostLinkRefusesThoseThatWait) {
  Connect();
  Connect();
  table_.LinkLost();
  EXPECT_THAT(Statuses(), ElementsAre(503, 503));
}

TEST_F(SocketTableTest, TooManyThatWaitAreRefused) {
  Connect();
  const SocketNumber second = Connect();
  EXPECT_EQ(Connect(), 0u) << "this thread's share is two";
  EXPECT_THAT(Statuses(), ElementsAre(503));
  Opened(second);
  EXPECT_NE(Connect(), 0u);
  table_.Tick();
  EXPECT_EQ(metrics_.connects_over_limit.Value(), 1);
}

TEST_F(SocketTableTest, BrokerThatIsTooSlowIsNotWaitedFor) {
  const SocketNumber number = Connect();
  clock_.AdvanceMs(9'999);
  table_.Tick();
  EXPECT_THAT(answers_, IsEmpty());
  clock_.AdvanceMs(1);
  table_.Tick();
  EXPECT_THAT(Statuses(), ElementsAre(503));
  const std::vector<v1::EdgeFrame> frames = broker_.TakeFrames();
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_EQ(frames[0].socket(), number);
  EXPECT_TRUE(frames[0].has_gone());
}

TEST_F(SocketTableTest, LateAnswerIsGivenBack) {
  const SocketNumber number = Connect();
  clock_.AdvanceMs(10'000);
  table_.Tick();
  broker_.TakeFrames();
  Opened(number);
  EXPECT_THAT(answers_, SizeIs(1)) << "not answered twice";
  EXPECT_TRUE(broker_.TakeFrames().at(0).has_gone());
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(SocketTableTest, ClientThatGoesBeforeItOpensIsGone) {
  const SocketNumber number = Connect();
  Opened(number);
  table_.Abandon(number);
  EXPECT_TRUE(broker_.TakeFrames().at(0).has_gone());
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(SocketTableTest, AnswerMayOpenTheSocketAtOnce) {
  FakeTransport transport;
  Socket* socket = nullptr;
  table_.Connect(Request(), [&](ConnectAnswer answer) {
    socket = &table_.Open(std::get<SocketNumber>(answer), transport);
  });
  Opened(broker_.TakeFrames().at(0).socket());
  ASSERT_NE(socket, nullptr);
  socket->OnClosed();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(SocketTableTest, DisconnectEndsTheConnection) {
  Client& client = Open();
  EndByBroker(client.number, 1001);
  EXPECT_EQ(client.transport.close_code(), 1001);
  EndByBroker(client.number, 1012);
  EXPECT_EQ(client.transport.close_code(), 1001);
  table_.Tick();
  EXPECT_EQ(metrics_.closes_by_broker.Value(), 1);
}

TEST_F(SocketTableTest, DisconnectBeforeOpenEndsTheConnectionThen) {
  const SocketNumber number = Connect();
  Opened(number);
  EndByBroker(number, 1001);
  FakeTransport transport;
  Socket& socket = table_.Open(number, transport);
  EXPECT_EQ(transport.close_code(), 1001);
  socket.OnClosed();
  EXPECT_TRUE(broker_.TakeFrames().at(0).has_gone());
}

TEST_F(SocketTableTest, BroadcastReachesTheTopicsClients) {
  Client& first = Open();
  Client& second = Open(v1::DIALECT_V1);
  Client& elsewhere = Open();
  Enlist(first, "room:1", 7);
  Enlist(second, "room:1", 8);
  Enlist(elsewhere, "room:2", 9);
  Broadcast("room:1");
  EXPECT_THAT(first.Heard(),
              ElementsAre(R"([null,null,"room:1","new",{}])"_json));
  EXPECT_THAT(second.Heard(), ElementsAre(R"({"topic":"room:1","event":"new",
      "ref":null,"payload":{}})"_json));
  EXPECT_THAT(elsewhere.Heard(), IsEmpty());
  table_.Tick();
  EXPECT_EQ(metrics_.fanouts.Value(), 1);
  EXPECT_EQ(metrics_.deliveries.Value(), 2);
}

TEST_F(SocketTableTest, GroupBeyondTheLastIsNotEnlisted) {
  Client& client = Open();
  Enlist(client, "room:1", 7, "\"1\"", /*group=*/16);
  Broadcast("room:1", 0, /*groups=*/0xffffffff);
  EXPECT_THAT(client.Heard(), IsEmpty());
}

TEST_F(SocketTableTest, FramesThatMeanNothingHereAreIgnored) {
  Client& client = Open();
  v1::BrokerFrame frame = Frame(0);
  frame.mutable_welcome();
  table_.Apply(frame);
  frame.mutable_drain();
  table_.Apply(frame);
  table_.Apply(v1::BrokerFrame());
  EXPECT_EQ(client.transport.close_code(), 0);
}

TEST_F(SocketTableTest, DrainRefusesNewClients) {
  Connect();
  table_.Drain();
  EXPECT_THAT(Statuses(), ElementsAre(503));
  EXPECT_TRUE(broker_.TakeFrames().at(0).has_gone());
  EXPECT_EQ(Connect(), 0u);
  EXPECT_THAT(Statuses(), ElementsAre(503, 503));
}

TEST_F(SocketTableTest, DrainClosesNobodyByItself) {
  Client& client = Open();
  table_.Drain();
  EXPECT_EQ(client.transport.close_code(), 0);
  client.Says(R"([null,"1","phoenix","heartbeat",{}])");
  EXPECT_THAT(client.Heard(), SizeIs(1));
}

TEST_F(SocketTableTest, CloseSomeClosesAsManyMore) {
  for (int i = 0; i < 5; ++i) Open();
  table_.Drain();
  const auto closed = [this] {
    int count = 0;
    for (const Client& client : clients_) {
      if (client.transport.close_code() == 1012) ++count;
    }
    return count;
  };
  EXPECT_EQ(table_.CloseSome(2), 3u);
  EXPECT_EQ(closed(), 2);
  EXPECT_EQ(table_.CloseSome(0), 3u);
  EXPECT_EQ(table_.CloseSome(10), 0u);
  EXPECT_EQ(closed(), 5);
  EXPECT_EQ(table_.size(), 5u) << "until their connections are gone";
  for (Client& client : clients_) client.socket->OnClosed();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(SocketTableTest, SocketsThatEndByThemselvesCountForNothing) {
  Client& gone = Open();
  Client& ended = Open();
  Client& open = Open();
  table_.Drain();
  gone.socket->OnClosed();
  EndByBroker(ended.number, 1001);
  table_.CloseSome(1);
  EXPECT_EQ(open.transport.close_code(), 1012);
  EXPECT_EQ(ended.transport.close_code(), 1001);
}

TEST_F(SocketTableTest, SocketThatOpensDuringTheDrainIsClosedToo) {
  const SocketNumber number = Connect();
  Opened(number);
  table_.Drain();
  EXPECT_EQ(table_.size(), 1u);
  FakeTransport transport;
  table_.Open(number, transport);
  table_.CloseSome(1);
  EXPECT_EQ(transport.close_code(), 1012);
}

TEST_F(SocketTableTest, ACanaryThatComesBackIsNobodysBroadcast) {
  clock_.AdvanceMs(3'000);
  EXPECT_EQ(table_.CanaryAgeMs(), 3'000);
  Broadcast("aerie:canary");
  EXPECT_EQ(table_.CanaryAgeMs(), 0);
  table_.Tick();
  EXPECT_EQ(metrics_.fanouts.Value(), 0);
}

TEST_F(SocketTableTest, TickPublishesWhatWasCounted) {
  Client& client = Open();
  Open();
  client.Says(R"([null,"1","phoenix","heartbeat",{}])");
  table_.Tick();
  EXPECT_EQ(metrics_.sockets.Value(), 2);
  EXPECT_EQ(metrics_.connects_opened.Value(), 2);
  EXPECT_EQ(metrics_.messages_in.Value(), 1);
  EXPECT_EQ(metrics_.messages_out.Value(), 1);
  EXPECT_EQ(metrics_.heartbeats.Value(), 1);
  client.socket->OnClosed();
  table_.Tick();
  EXPECT_EQ(metrics_.sockets.Value(), 1);
  EXPECT_EQ(metrics_.messages_in.Value(), 1);
}

}  // namespace
}  // namespace aerie::edge
