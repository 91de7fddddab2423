#include "edge/edge_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <utility>
#include <variant>

#include "common/clock.h"
#include "common/metrics.h"
#include "edge/socket/testing/fake_transport.h"
#include "edge/socket/testing/fake_upstream.h"

namespace aerie::edge {
namespace {

class EdgeThreadTest : public ::testing::Test {
 protected:
  struct Client {
    FakeTransport transport;
    std::unique_ptr<Receiver> socket;
  };

  EdgeThreadTest() { thread_.table().LinkUp(1); }

  Client& Open() {
    Client& client = clients_.emplace_back();
    v1::Connect request;
    request.set_dialect(v1::DIALECT_V2);
    thread_.Connect(request, [this, &client](ConnectAnswer answer) {
      client.socket =
          thread_.Open(std::get<SocketNumber>(answer), client.transport);
    });
    v1::BrokerFrame opened;
    opened.set_socket(broker_.TakeFrames().at(0).socket());
    opened.mutable_opened();
    thread_.table().Apply(opened);
    return client;
  }

  std::future<void> Drain(int64_t window_ms) {
    std::promise<void> done;
    std::future<void> future = done.get_future();
    thread_.Drain(window_ms, std::move(done));
    return future;
  }

  void Wait(int64_t ms) {
    clock_.AdvanceMs(ms);
    thread_.Tick();
  }

  int Closed() const {
    int closed = 0;
    for (const Client& client : clients_) {
      if (client.transport.close_code() == 1012) ++closed;
    }
    return closed;
  }

  static bool IsReady(const std::future<void>& future) {
    return future.wait_for(std::chrono::seconds(0)) ==
           std::future_status::ready;
  }

  FakeClock clock_;
  FakeUpstream broker_;
  MetricsRegistry registry_;
  Metrics metrics_{registry_};
  EdgeThread thread_{0, 1, Limits(), broker_, metrics_, clock_};
  std::deque<Client> clients_;
};

TEST_F(EdgeThreadTest, DrainClosesAtASteadyPace) {
  for (int i = 0; i < 10; ++i) Open();
  const std::future<void> done = Drain(1'000);
  EXPECT_EQ(Closed(), 1);
  for (int closed = 2; closed <= 10; ++closed) {
    Wait(100);
    EXPECT_EQ(Closed(), closed);
  }
  Wait(1'000);
  EXPECT_FALSE(IsReady(done)) << "the connections are still there";
  for (Client& client : clients_) client.socket->OnClosed();
  Wait(100);
  EXPECT_TRUE(IsReady(done));
  Wait(100);
}

TEST_F(EdgeThreadTest, DrainWithoutSocketsIsDoneAtOnce) {
  EXPECT_TRUE(IsReady(Drain(30'000)));
}

TEST_F(EdgeThreadTest, DrainIsDoneWhenAllHaveLeftByThemselves) {
  Client& first = Open();
  Client& second = Open();
  const std::future<void> done = Drain(30'000);
  first.socket->OnClosed();
  second.socket->OnClosed();
  Wait(100);
  EXPECT_TRUE(IsReady(done));
}

TEST_F(EdgeThreadTest, DrainRefusesNewClients) {
  Open();
  const std::future<void> done = Drain(30'000);
  ConnectAnswer answer;
  thread_.Connect(v1::Connect(),
                  [&](ConnectAnswer a) { answer = std::move(a); });
  EXPECT_EQ(std::get<Refusal>(answer).status, 503u);
}

TEST_F(EdgeThreadTest, StuckThreadIsNoticed) {
  EXPECT_TRUE(thread_.Ticks());
  clock_.AdvanceMs(9'999);
  EXPECT_TRUE(thread_.Ticks());
  clock_.AdvanceMs(1);
  EXPECT_FALSE(thread_.Ticks());
  thread_.Tick();
  EXPECT_TRUE(thread_.Ticks());
}

}  // namespace
}  // namespace aerie::edge
