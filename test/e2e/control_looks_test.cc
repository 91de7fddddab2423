// What services see through Control, and what they are told by it.

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "test/e2e/control_fixture.h"
#include "test/support/control_stub.h"
#include "test/support/conversation.h"
#include "test/support/remote_host.h"
#include "test/support/world.h"

namespace aerie::testing {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::StartsWith;

using Stub = v1::Control::Stub;

const Json kNone = Json::object();

TEST_F(ControlTest, TopicsAreListedByPages) {
  const auto client = Client("users:1");
  std::vector<std::string> joined;
  for (int i = 0; i < 25; ++i) {
    joined.push_back(absl::StrCat("room:", 10 + i));
    client->Join(joined.back(), absl::StrCat(i));
  }
  client->Join("echo:z", "99");
  const auto other = Client("users:2");
  other->Join("room:10");
  std::vector<std::string> listed;
  v1::ListTopicsRequest request;
  request.set_prefix("room:");
  request.set_page_size(10);
  std::vector<int> sizes;
  do {
    v1::ListTopicsResponse page;
    ASSERT_TRUE(control_.Call(&Stub::ListTopics, request, &page).ok());
    sizes.push_back(page.topics_size());
    for (const v1::TopicInfo& topic : page.topics()) {
      listed.push_back(topic.topic());
      EXPECT_EQ(topic.channels(), topic.topic() == "room:10" ? 2u : 1u);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, joined);
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
}

TEST_F(ControlTest, ATopicSaysWhoHasItsChannels) {
  RemoteHostOptions options;
  options.broker = absl::StrCat("127.0.0.1:", world_.broker().port());
  options.patterns = {"far:*"};
  const RemoteHost host(options);
  const auto one = Client("users:1");
  one->Join("echo:a");
  one->Join("far:a", "2");
  const v1::GetTopicResponse near = Topic("echo:a");
  EXPECT_EQ(near.topic(), "echo:a");
  EXPECT_EQ(near.channels(), 1u);
  ASSERT_EQ(near.edges_size(), 1);
  EXPECT_EQ(near.edges(0).channels(), 1u);
  ASSERT_EQ(near.hosts_size(), 1);
  EXPECT_EQ(near.hosts(0).name(), "echo");
  ASSERT_EQ(near.sample_size(), 1);
  EXPECT_EQ(near.sample(0).socket_id(), "users:1");
  EXPECT_EQ(near.sample(0).socket_key(), KeyOf("users:1"));
  EXPECT_EQ(near.sample(0).edge(), near.edges(0).name());
  EXPECT_EQ(near.sample(0).host(), "echo");
  const v1::GetTopicResponse far = Topic("far:a");
  ASSERT_EQ(far.hosts_size(), 1);
  EXPECT_EQ(far.hosts(0).name(), "test");
  EXPECT_EQ(far.hosts(0).channels(), 1u);

  v1::GetTopicRequest request;
  request.set_topic("room:nobody");
  v1::GetTopicResponse response;
  EXPECT_EQ(control_.Call(&Stub::GetTopic, request, &response).error_code(),
            StatusCode::NOT_FOUND);
}

TEST_F(ControlTest, SocketsAreListedByPagesAndFound) {
  std::vector<std::unique_ptr<Conversation>> clients;
  clients.reserve(12);
  for (int i = 0; i < 12; ++i) {
    clients.push_back(Client(i % 2 == 0 ? "users:even" : "users:odd",
                             i < 6 ? "2.0.0" : "1.0.0"));
  }
  clients[0]->Join("room:a");
  clients[0]->Join("echo:b", "2");
  for (const std::string id : {"", "users:even"}) {
    v1::ListSocketsRequest request;
    request.set_socket_id(id);
    request.set_page_size(5);
    std::vector<std::string> keys;
    do {
      v1::ListSocketsResponse page;
      ASSERT_TRUE(control_.Call(&Stub::ListSockets, request, &page).ok());
      EXPECT_LE(page.sockets_size(), 5);
      for (const v1::SocketDetails& socket : page.sockets()) {
        keys.push_back(socket.socket().key());
        EXPECT_EQ(socket.transport(), v1::TRANSPORT_WEBSOCKET);
        EXPECT_THAT(socket.peer(), StartsWith("127.0.0.1:"));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(keys.size(), id.empty() ? 12u : 6u);
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(),
              keys.size());
  }
  v1::ListSocketsRequest of_nobody;
  of_nobody.set_edge("nobody");
  v1::ListSocketsResponse none;
  ASSERT_TRUE(control_.Call(&Stub::ListSockets, of_nobody, &none).ok());
  EXPECT_EQ(none.sockets_size(), 0);
}

TEST_F(ControlTest, ASocketIsSeenWithItsTopics) {
  const auto client = Client("users:1");
  client->Join("room:b");
  client->Join("room:a", "2");
  v1::GetSocketRequest request;
  request.set_key(KeyOf("users:1"));
  v1::GetSocketResponse response;
  ASSERT_TRUE(control_.Call(&Stub::GetSocket, request, &response).ok());
  const v1::SocketDetails& socket = response.socket();
  EXPECT_EQ(socket.socket().socket_id(), "users:1");
  EXPECT_EQ(socket.dialect(), v1::DIALECT_V2);
  EXPECT_EQ(socket.topics_count(), 2u);
  EXPECT_THAT(socket.topics(), ElementsAre("room:a", "room:b"));
  EXPECT_GT(socket.since().seconds(), 1'600'000'000);
  EXPECT_TRUE(absl::StartsWith(request.key(), socket.edge()));

  request.set_key("nobody/7");
  EXPECT_EQ(control_.Call(&Stub::GetSocket, request, &response).error_code(),
            StatusCode::NOT_FOUND);
  request.set_key(absl::StrCat(socket.edge(), "/99"));
  EXPECT_EQ(control_.Call(&Stub::GetSocket, request, &response).error_code(),
            StatusCode::NOT_FOUND);
}

TEST_F(ControlTest, ASocketThatOutlivedItsBrokerIsKnownAgain) {
  const auto client = Client("users:1", "2.0.0");
  client->Join("room:a");
  world_.StopBroker();
  world_.StartBroker();
  world_.AwaitLink();
  client->Expect(
      {"1", "1", "room:a", "phx_error", {{"reason", "channel_crash"}}});
  client->Join("room:a", "2");
  ControlStub control(absl::StrCat("127.0.0.1:", world_.broker().port()));
  v1::ListSocketsResponse response;
  ASSERT_TRUE(
      control.Call(&Stub::ListSockets, v1::ListSocketsRequest(), &response)
          .ok());
  ASSERT_EQ(response.sockets_size(), 1);
  EXPECT_EQ(response.sockets(0).socket().socket_id(), "users:1");
  EXPECT_EQ(response.sockets(0).dialect(), v1::DIALECT_V2);
  EXPECT_EQ(response.sockets(0).transport(), v1::TRANSPORT_WEBSOCKET);
  EXPECT_EQ(response.sockets(0).peer(), "");
}

TEST_F(ControlTest, TheClusterIsDescribed) {
  RemoteHostOptions options;
  options.broker = absl::StrCat("127.0.0.1:", world_.broker().port());
  options.patterns = {"far:*"};
  const RemoteHost host(options);
  const auto client = Client("users:1");
  client->Join("room:a");
  client->Join("far:a", "2");
  v1::ClusterInfoResponse info;
  ASSERT_TRUE(
      control_.Call(&Stub::ClusterInfo, v1::ClusterInfoRequest(), &info).ok());
  ASSERT_EQ(info.brokers_size(), 1);
  EXPECT_EQ(info.brokers(0).sockets(), 1u);
  EXPECT_EQ(info.brokers(0).channels(), 2u);
  EXPECT_EQ(info.brokers(0).topics(), 2u);
  ASSERT_EQ(info.edges_size(), 1);
  EXPECT_EQ(info.edges(0).sockets(), 1u);
  EXPECT_NE(info.edges(0).version(), "");
  std::vector<std::string> hosts;
  for (const auto& one : info.hosts()) {
    hosts.push_back(absl::StrCat(one.name(), " ", one.patterns_size(), " ",
                                 one.channels()));
  }
  EXPECT_THAT(
      hosts, ElementsAre("echo 1 0", "relay 1 0", "test 2 1",
                         absl::StrCat(Topic("far:a").hosts(0).name(), " 1 1")));
}

TEST_F(ControlTest, WhatHappensIsWatchedInOrder) {
  v1::WatchRequest request;
  request.set_channels(true);
  request.set_sockets(true);
  request.set_topics(true);
  request.add_broadcasts("room:*");
  Watching watch(control_, request);
  EXPECT_EQ(watch.Next(), "WATCHING");
  auto client = Client("users:1");
  EXPECT_EQ(watch.Next(), "CONNECTED users:1");
  client->Join("room:a");
  EXPECT_EQ(watch.Next(), "OCCUPIED room:a");
  EXPECT_EQ(watch.Next(), "JOINED room:a users:1");
  client->Say({"1", "2", "room:a", "bcast", {{"n", 1}}});
  EXPECT_EQ(watch.Next(), R"(BROADCAST room:a bc {"n":1})");
  v1::BroadcastResponse response;
  ASSERT_TRUE(
      Broadcast(BroadcastOf("room:nobody", "tick", "{}"), &response).ok());
  EXPECT_EQ(watch.Next(), "BROADCAST room:nobody tick {}");
  client->Say({"9", "9", "room:a", "phx_join", kNone});
  EXPECT_EQ(watch.Next(), "LEFT room:a duplicate_join users:1");
  EXPECT_EQ(watch.Next(), "VACATED room:a");
  EXPECT_EQ(watch.Next(), "OCCUPIED room:a");
  EXPECT_EQ(watch.Next(), "JOINED room:a users:1");
  client = nullptr;
  EXPECT_EQ(watch.Next(), "LEFT room:a closed users:1");
  EXPECT_EQ(watch.Next(), "VACATED room:a");
  EXPECT_EQ(watch.Next(), "DISCONNECTED users:1");
}

TEST_F(ControlTest, AWatcherHearsOnlyWhatItAskedFor) {
  v1::WatchRequest request;
  request.set_topics(true);
  request.set_prefix("room:b");
  Watching watch(control_, request);
  EXPECT_EQ(watch.Next(), "WATCHING");
  const auto client = Client("users:1");
  client->Join("room:a");
  client->Join("room:b", "2");
  EXPECT_EQ(watch.Next(), "OCCUPIED room:b");
}

TEST(WatchBoundsTest, ASlowWatcherLosesEventsAndIsToldHowMany) {
  broker::Options options = World::BrokerOptions();
  options.limits.watch_queue_bytes_max = 64 << 10;
  World world({}, options);
  ControlStub control(absl::StrCat("127.0.0.1:", world.broker().port()));
  v1::WatchRequest request;
  request.add_broadcasts("*");
  Watching slow(control, request);
  EXPECT_EQ(slow.Next(), "WATCHING");
  // More than gRPC's windows take in while nobody reads.
  const std::string json = "{\"a\":\"" + std::string(100'000, 'a') + "\"}";
  constexpr int kCount = 300;
  for (int i = 0; i < kCount; ++i) {
    v1::BroadcastResponse response;
    ASSERT_TRUE(control
                    .Call(&Stub::Broadcast, BroadcastOf("room:a", "big", json),
                          &response)
                    .ok());
  }
  v1::BroadcastResponse response;
  int heard = 0;
  int lost = 0;
  while (heard + lost < kCount) {
    const std::string line = slow.Next();
    if (absl::StartsWith(line, "LOST ")) {
      lost += std::stoi(line.substr(5));
    } else {
      ASSERT_TRUE(absl::StartsWith(line, "BROADCAST")) << line;
      ++heard;
    }
  }
  EXPECT_GT(lost, 0);
  EXPECT_GT(heard, 0);
  EXPECT_EQ(heard + lost, kCount);
  // And it goes on.
  ASSERT_TRUE(control
                  .Call(&Stub::Broadcast, BroadcastOf("room:a", "small", "{}"),
                        &response)
                  .ok());
  EXPECT_EQ(slow.Next(), "BROADCAST room:a small {}");
}

}  // namespace
}  // namespace aerie::testing
