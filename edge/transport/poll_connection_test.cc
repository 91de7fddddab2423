// Long polls through a listener: what HTTP makes of them.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "edge/transport/testing/listener_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using End = RawClient::End;
using Answer = v1::PollAnswer;

Answer Of(Answer::Result result) {
  Answer answer;
  answer.set_result(result);
  return answer;
}

std::string Get(absl::string_view token = "abc") {
  return absl::StrCat("GET /socket/longpoll?vsn=2.0.0&token=", token,
                      " HTTP/1.1\r\nHost: x\r\n\r\n");
}

std::string Post(const std::string& body, absl::string_view more = "") {
  return absl::StrCat(
      "POST /socket/longpoll?vsn=2.0.0&token=abc HTTP/1.1\r\nHost: x\r\n"
      "Content-Type: application/x-ndjson\r\n",
      more, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

class PollConnectionTest : public ListenerFixture {
 protected:
  void AnswerPoll(SocketNumber number, Answer::Result result) {
    listener_->Post(
        0, [this, number, result] { sockets_.AnswerPoll(number, Of(result)); });
  }
};

TEST_F(PollConnectionTest, APollWaitsForItsAnswerAndIsEndedWhenItIsWritten) {
  Start();
  auto client = Client();
  client->Send(Get());
  ASSERT_TRUE(sockets_.Await("poll abc"));
  AnswerPoll(1, Answer::RESULT_NOTHING);
  EXPECT_THAT(
      client->ReadResponse(),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
            HasSubstr("connection: keep-alive"),
            HasSubstr(R"({"status":204,"token":"abc","messages":[]})")));
  EXPECT_TRUE(sockets_.Await("end 1 written"));
}

TEST_F(PollConnectionTest, AClientThatGoesWhileItWaitsIsNoticed) {
  Start();
  auto client = Client();
  client->Send(Get());
  ASSERT_TRUE(sockets_.Await("poll abc"));
  client.reset();
  EXPECT_TRUE(sockets_.Await("end 1 lost"));
}

TEST_F(PollConnectionTest, TheNextRequestsWaitForTheirTurn) {
  Start();
  auto client = Client();
  client->Send(Get("one") + Get("two") + Post("[null,null,\"a\",\"b\",{}]"));
  ASSERT_TRUE(sockets_.Await("poll one"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(sockets_.Events(), ElementsAre("poll one"));
  AnswerPoll(1, Answer::RESULT_NOTHING);
  EXPECT_THAT(client->ReadResponse(), HasSubstr("\"token\":\"one\""));
  ASSERT_TRUE(sockets_.Await("poll two"));
  AnswerPoll(2, Answer::RESULT_NOTHING);
  EXPECT_THAT(client->ReadResponse(), HasSubstr("\"token\":\"two\""));
  ASSERT_TRUE(sockets_.Await("send abc 1"));
  AnswerPoll(3, Answer::RESULT_HANDLED);
  EXPECT_THAT(client->ReadResponse(), HasSubstr("{\"status\":200}"));
  ASSERT_TRUE(sockets_.Await("end 3 written"));
  EXPECT_THAT(sockets_.Events(),
              ElementsAre("poll one", "end 1 written", "poll two",
                          "end 2 written", "send abc 1", "end 3 written"));
}

TEST_F(PollConnectionTest, AClientThatSendsOnWhileItWaitsIsReadToABound) {
  Start();
  auto client = Client();
  client->Send(Get());
  ASSERT_TRUE(sockets_.Await("poll abc"));
  // More than is kept, and than the kernel takes: the test would hang here if
  // it waited for all to be read.
  client->Send(std::string(64 << 10, 'x'));
  AnswerPoll(1, Answer::RESULT_NOTHING);
  EXPECT_THAT(client->ReadResponse(), HasSubstr("\"status\":204"));
  // And that was no request.
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 4"));
}

TEST_F(PollConnectionTest, APollThatNobodyAnswersIsUnavailable) {
  limits_.poll_timeout_ms = 100;
  Start();
  auto client = Client();
  client->Send(Get());
  EXPECT_THAT(client->ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("retry-after"),
                    HasSubstr("access-control-allow-origin: *")));
  EXPECT_TRUE(sockets_.Await("end 1 lost"));
  // The connection is as good as before.
  client->Send(Get());
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(PollConnectionTest, TooManyNewSessionsAreToldWhenToComeBack) {
  sockets_.poll_answer = [] {
    Answer answer = Of(Answer::RESULT_UNAVAILABLE);
    answer.set_retry_after_s(7);
    return answer;
  };
  Start();
  auto client = Client();
  client->Send(Get(""));
  EXPECT_THAT(client->ReadResponse(), AllOf(StartsWith("HTTP/1.1 503 "),
                                            HasSubstr("retry-after: 7\r\n")));
}

TEST_F(PollConnectionTest, WhileTheEdgeDrainsClientsAreToldToGo) {
  sockets_.poll_answer = [] { return Of(Answer::RESULT_NOTHING); };
  Start();
  sockets_.drains = true;
  auto client = Client();
  client->Send(Get());
  EXPECT_THAT(client->ReadResponse(), HasSubstr("connection: close"));
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_TRUE(sockets_.Await("end 1 written"));
}

TEST_F(PollConnectionTest, ALargeBodyIsTakenAndATooLargeOneIsBad) {
  limits_.request_body_bytes_max = 1'000;
  limits_.poll_body_bytes_max = 200'000;
  sockets_.poll_answer = [] { return Of(Answer::RESULT_HANDLED); };
  Start();
  const std::string line =
      absl::StrCat("[null,null,\"a\",\"", std::string(150'000, 'e'), "\",{}]");
  auto client = Client();
  client->Send(Post(line));
  EXPECT_THAT(client->ReadResponse(), HasSubstr("{\"status\":200}"));
  client->Send(Post(line + "\n" + line));
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 400 "));

  // The same in chunks, whose sum nobody knows before.
  client = Client();
  client->Send(
      "POST /socket/longpoll?token=abc HTTP/1.1\r\nHost: x\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    client->Send(absl::StrCat("249f0\r\n", std::string(0x249f0, 'x'), "\r\n"));
  }
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 400 "));

  // Elsewhere the smaller bound holds.
  client = Client();
  client->Send(
      absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
                   std::string(1'001, 'x')));
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(PollConnectionTest, BodiesOfAllRequestsAreBoundedTogether) {
  limits_.request_bodies_bytes_max = 300'000;
  limits_.request_timeout_ms = 60'000;
  Start();
  const auto start = [this] {
    auto client = Client();
    client->Send(
        "POST /socket/longpoll?token=abc HTTP/1.1\r\nHost: x\r\n"
        "Content-Length: 1000000\r\n\r\n");
    client->Send(std::string(120'000, 'x'));
    return client;
  };
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(3);
  for (int i = 0; i < 2; ++i) clients.push_back(start());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  clients.push_back(start());
  EXPECT_THAT(clients.back()->ReadResponse(), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(Count(metrics_.bodies_over_limit), 1);
  // Who goes makes room.
  clients.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  sockets_.AnswerAll();
  auto client = Client();
  client->Send(Post("[null,null,\"a\",\"b\",{}]"));
  EXPECT_TRUE(sockets_.Await("send abc 1"));
}

TEST_F(PollConnectionTest, ABodyThatComesTooSlowlyEndsTheConnection) {
  limits_.request_timeout_ms = 200;
  Start();
  auto client = Client();
  const std::string post = Post("[null,null,\"a\",\"b\",{}]");
  client->Send(post.substr(0, post.size() - 5));
  EXPECT_EQ(client->ReadToEnd(), End::kClosed);
  EXPECT_EQ(Count(metrics_.requests_timed_out), 1);
  EXPECT_THAT(sockets_.Events(), Not(Contains("send abc 1")));
}

TEST_F(PollConnectionTest, WhatIsNoBase64IsBadAndLeavesTheConnection) {
  sockets_.poll_answer = [] { return Of(Answer::RESULT_HANDLED); };
  Start();
  auto client = Client();
  client->Send(Post("no base64!"));
  EXPECT_THAT(client->ReadResponse(), StartsWith("HTTP/1.1 400 "));
  client->Send(Post("[null,null,\"a\",\"b\",{}]"));
  EXPECT_THAT(client->ReadResponse(), HasSubstr("{\"status\":200}"));
  ASSERT_TRUE(sockets_.Await("end 1 written"));
  EXPECT_THAT(sockets_.Events(), ElementsAre("send abc 1", "end 1 written"));
  EXPECT_EQ(Count(*metrics_.upgrades_refused[IndexOf(RefusalCause::kBody)]), 1);
}

TEST_F(PollConnectionTest, ThousandsOfPollsMayWait) {
  constexpr int kClients = 2'000;
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(Client());
    clients.back()->Send(Get(absl::StrCat("t", i)));
    ASSERT_TRUE(sockets_.Await(absl::StrCat("poll t", i)));
  }
  listener_->Post(0, [this] {
    for (SocketNumber number = 1; number <= kClients; ++number) {
      sockets_.AnswerPoll(number, Of(Answer::RESULT_NOTHING));
    }
  });
  for (int i = 0; i < kClients; ++i) {
    ASSERT_THAT(clients[i]->ReadResponse(),
                HasSubstr(absl::StrCat("\"token\":\"t", i, "\"")));
  }
}

}  // namespace
}  // namespace aerie::edge
