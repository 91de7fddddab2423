#include "test/bench/poll_wire.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::string_view kResponse =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    "Content-Length: 14\r\nconnection: keep-alive\r\n\r\n{\"status\":204}";

TEST(PollWireTest, AResponseIsReadWhole) {
  HttpResponse response;
  const absl::StatusOr<size_t> size = TakeResponse(kResponse, &response);
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(*size, kResponse.size());
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, R"({"status":204})");
  EXPECT_FALSE(response.close);
}

TEST(PollWireTest, APartOfAResponseIsNone) {
  for (size_t part = 0; part < kResponse.size(); ++part) {
    HttpResponse response;
    const absl::StatusOr<size_t> size =
        TakeResponse(kResponse.substr(0, part), &response);
    ASSERT_TRUE(size.ok()) << size.status() << " " << part;
    EXPECT_EQ(*size, 0u) << part;
  }
}

TEST(PollWireTest, TheFirstOfTwoResponsesIsTaken) {
  HttpResponse response;
  const std::string two =
      std::string(kResponse) + "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n";
  const absl::StatusOr<size_t> size = TakeResponse(two, &response);
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(*size, kResponse.size());
  ASSERT_TRUE(TakeResponse(two.substr(*size), &response).ok());
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(response.body, "");
}

TEST(PollWireTest, ALastResponseSaysSo) {
  HttpResponse response;
  ASSERT_TRUE(TakeResponse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n",
                           &response)
                  .ok());
  EXPECT_TRUE(response.close);
}

TEST(PollWireTest, WhatIsNoResponseIsRefused) {
  for (const char* bytes :
       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "SSH-2.0", "HTTP/1.1x",
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    HttpResponse response;
    EXPECT_TRUE(
        absl::IsInvalidArgument(TakeResponse(bytes, &response).status()))
        << bytes;
  }
}

TEST(PollWireTest, AnAnswerBringsTheTextsOfFrames) {
  PollAnswer answer;
  ASSERT_TRUE(
      ParsePollAnswer(R"({"messages":["[null,null,\"t\",\"e\",{}]","b"],)"
                      R"("status":200,"token":"T"})",
                      &answer));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.token, "T");
  EXPECT_THAT(answer.messages, ElementsAre(R"([null,null,"t","e",{}])", "b"));
}

TEST(PollWireTest, AnAnswerToAPostIsAStatus) {
  PollAnswer answer;
  answer.token = "of before";
  ASSERT_TRUE(ParsePollAnswer(R"({"status":410})", &answer));
  EXPECT_EQ(answer.status, 410u);
  EXPECT_EQ(answer.token, "");
  EXPECT_THAT(answer.messages, IsEmpty());
}

TEST(PollWireTest, WhatIsNoAnswerIsRefused) {
  PollAnswer answer;
  for (const char* body :
       {"", "[]", "{}", R"({"status":"200"})", R"({"status":-1})",
        R"({"status":200,"token":1})", R"({"status":200,"messages":{}})",
        R"({"status":200,"messages":[{}]})", R"({"status":200)"}) {
    EXPECT_FALSE(ParsePollAnswer(body, &answer)) << body;
  }
}

TEST(PollWireTest, AWebSocketsTargetNamesThatOfPolls) {
  EXPECT_EQ(LongPollOf("/socket/websocket?vsn=2.0.0"),
            "/socket/longpoll?vsn=2.0.0");
  EXPECT_EQ(LongPollOf("/socket/websocket"), "/socket/longpoll");
  EXPECT_EQ(LongPollOf("/a/longpoll?u=/websocket"), "/a/longpoll?u=/websocket");
}

TEST(PollWireTest, RequestsNameTheSession) {
  EXPECT_EQ(PollGet("h:1", "/l?vsn=2.0.0", ""),
            "GET /l?vsn=2.0.0 HTTP/1.1\r\nHost: h:1\r\n\r\n");
  EXPECT_EQ(PollGet("h:1", "/l?vsn=2.0.0", "T"),
            "GET /l?vsn=2.0.0&token=T HTTP/1.1\r\nHost: h:1\r\n\r\n");
  EXPECT_EQ(PollPost("h:1", "/l?vsn=2.0.0", "T", "[1]\n[2]"),
            "POST /l?vsn=2.0.0&token=T HTTP/1.1\r\nHost: h:1\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: 7\r\n\r\n"
            "[1]\n[2]");
}

}  // namespace
}  // namespace aerie::bench
