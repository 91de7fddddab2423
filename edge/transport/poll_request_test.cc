#include "edge/transport/poll_request.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PollRequestTest : public ::testing::Test {
 protected:
  PollRequestTest() { options_.check_origin.mode = CheckOrigin::Mode::kOff; }

  PollReading Read(
      const std::string& method, const std::string& target,
      const std::string& body = "",
      std::vector<std::pair<std::string, std::string>> headers = {}) {
    request_ = Request();
    request_.method = method;
    request_.target = target;
    request_.body = body;
    request_.headers = std::move(headers);
    request_.headers.emplace_back("Host", "localhost:4000");
    mounts_.clear();
    mounts_.push_back(*Mount::Create(options_));
    const auto route = FindRoute(mounts_, request_.path());
    EXPECT_TRUE(route.has_value()) << target;
    return ReadPoll(
        request_, *route,
        TrustedProxies::Create({})->Of(request_, {"192.0.2.7", 51000, false}),
        limits_);
  }
  v1::Poll Get(const std::string& target,
               std::vector<std::pair<std::string, std::string>> headers = {}) {
    PollReading reading = Read("GET", target, "", std::move(headers));
    return std::get<v1::Poll>(std::get<PollQuestion>(reading).ask);
  }
  v1::PollSend Post(
      const std::string& body, const std::string& type = "application/x-ndjson",
      const std::string& target = "/socket/longpoll?vsn=2.0.0&token=abc") {
    PollReading reading = Read("POST", target, body, {{"Content-Type", type}});
    return std::get<v1::PollSend>(std::get<PollQuestion>(reading).ask);
  }
  static std::vector<std::string> Refs(const v1::PollSend& send) {
    std::vector<std::string> refs;
    for (const v1::Message& message : send.messages()) {
      refs.push_back(message.ref());
    }
    return refs;
  }
  // The HTTP status and the cause of a refusal.
  std::string Refused(const PollReading& reading) {
    const auto* refusal = std::get_if<PollRefusal>(&reading);
    if (refusal == nullptr) return "not refused";
    return absl::StrCat(refusal->response.status, " ",
                        kRefusalCauses[IndexOf(refusal->cause)]);
  }

  MountOptions options_;
  Limits limits_;
  Request request_;
  std::vector<Mount> mounts_;
};

std::string Text(int ref) {
  return absl::StrCat(R"(["1",")", ref, R"(","room:a","e",{}])");
}

TEST_F(PollRequestTest, AGetAsksForTheSessionAndBringsWhatANewOneNeeds) {
  const v1::Poll poll =
      Get("/socket/longpoll?vsn=2.0.0&a=1&token=abc-_",
          {{"X-Phoenix-AuthToken", "secret"}, {"X-Trace", "7"}});
  EXPECT_EQ(poll.token(), "abc-_");
  const v1::Connect& connect = poll.connect();
  EXPECT_EQ(connect.mount(), "/socket");
  EXPECT_EQ(connect.dialect(), v1::DIALECT_V2);
  EXPECT_EQ(connect.transport(), v1::TRANSPORT_LONG_POLL);
  EXPECT_EQ(connect.token(), "secret");
  EXPECT_EQ(connect.peer(), "192.0.2.7:51000");
  ASSERT_EQ(connect.headers_size(), 1);
  EXPECT_EQ(connect.headers(0).name(), "x-trace");
}

TEST_F(PollRequestTest, TheTokenInAHeaderWinsAndStaysThere) {
  const v1::Poll poll = Get("/socket/longpoll?vsn=2.0.0&token=query",
                            {{"X-Phoenix-LongPoll-Token", "header"}});
  EXPECT_EQ(poll.token(), "header");
  EXPECT_THAT(poll.connect().headers(), IsEmpty());
}

TEST_F(PollRequestTest, WhatCannotBeATokenIsNone) {
  for (const std::string& token :
       {std::string("a%22b"), std::string("a.b"), std::string(300, 'a'),
        std::string("%3Cscript%3E")}) {
    EXPECT_EQ(Get("/socket/longpoll?token=" + token).token(), "") << token;
  }
}

TEST_F(PollRequestTest, WithAVersionThatIsNotSpokenNoSessionCanBeOpened) {
  EXPECT_FALSE(Get("/socket/longpoll?vsn=9.9.9&token=abc").has_connect());
  EXPECT_EQ(Get("/socket/longpoll").connect().dialect(), v1::DIALECT_V1);
}

TEST_F(PollRequestTest, TheFoundingTokenComesInTwoParts) {
  const v1::Poll poll = Get("/socket/poll?token=abc&sig=def");
  EXPECT_EQ(poll.token(), "abcdef");
  EXPECT_EQ(poll.connect().dialect(), v1::DIALECT_FOUNDING);
}

TEST_F(PollRequestTest, RefusalsInTheOrderOfPhoenix) {
  options_.check_origin.mode = CheckOrigin::Mode::kConn;
  const std::string target = "/socket/longpoll?vsn=2.0.0";
  const std::vector<std::pair<std::string, std::string>> stranger = {
      {"Origin", "http://bad.com"}};
  EXPECT_EQ(Refused(Read("PUT", target + "&a=%GG", "", stranger)), "400 query");
  EXPECT_EQ(Refused(Read("PUT", target, "", stranger)), "200 origin");
  for (const char* method : {"PUT", "HEAD", "DELETE", "PATCH"}) {
    EXPECT_EQ(Refused(Read(method, target)), "400 method");
  }
  EXPECT_TRUE(std::holds_alternative<PollRefusal>(
      Read("OPTIONS", target, "", stranger)));
  EXPECT_TRUE(std::holds_alternative<Response>(Read("OPTIONS", target)));
}

TEST_F(PollRequestTest, ABatchIsItsLines) {
  // Of a binary push: join_ref, ref, topic, event, payload.
  const std::string binary = "AAEBBgExMnJvb206YWUBAg==";
  const v1::PollSend send =
      Post(absl::StrCat(Text(1), "\n\r\n", Text(2), "\r\n", binary, "\n"));
  EXPECT_EQ(send.token(), "abc");
  EXPECT_EQ(send.dialect(), v1::DIALECT_V2);
  EXPECT_FALSE(send.malformed());
  ASSERT_EQ(send.messages_size(), 3);
  EXPECT_EQ(send.messages(0).ref(), "\"1\"");
  EXPECT_EQ(send.messages(1).ref(), "\"2\"");
  EXPECT_TRUE(send.messages(2).has_binary());
}

TEST_F(PollRequestTest, OnlyTheFirstHundredLinesCount) {
  std::vector<std::string> lines;
  lines.reserve(150);
  for (int i = 0; i < 150; ++i) lines.push_back(Text(i));
  EXPECT_EQ(Post(absl::StrJoin(lines, "\n")).messages_size(), 100);
}

TEST_F(PollRequestTest, ALineThatIsNoBase64SpoilsTheWholeBatch) {
  EXPECT_EQ(Refused(Read("POST", "/socket/longpoll?token=abc",
                         absl::StrCat(Text(1), "\n{\"a\":1}"),
                         {{"Content-Type", "application/x-ndjson"}})),
            "400 body");
}

TEST_F(PollRequestTest, WhatCannotBeReadCutsTheBatch) {
  for (const std::string& line : {std::string("[1"), std::string("[\"\xff\"]"),
                                  std::string("[]"), std::string("AAA=")}) {
    const v1::PollSend send =
        Post(absl::StrCat(Text(1), "\n", line, "\n", Text(3)));
    EXPECT_THAT(Refs(send), ElementsAre("\"1\"")) << line;
    EXPECT_TRUE(send.malformed()) << line;
  }
}

TEST_F(PollRequestTest, AJoinWithLongNamesCannotBeRead) {
  limits_.join_names_bytes_max = 100;
  const v1::PollSend send = Post(absl::StrCat(
      R"(["1","1",")", std::string(100, 't'), R"(","phx_join",{}])"));
  EXPECT_TRUE(send.malformed());
}

TEST_F(PollRequestTest, ParametersOfTheContentTypeDoNotMatter) {
  EXPECT_EQ(Post(Text(1) + "\n" + Text(2), "Application/X-NDJSON; charset=x")
                .messages_size(),
            2);
}

TEST_F(PollRequestTest, AnyOtherBodyIsOneMessage) {
  const v1::PollSend array = Post(Text(1), "application/json");
  EXPECT_EQ(array.dialect(), v1::DIALECT_V2);
  EXPECT_EQ(array.messages_size(), 1);
  const v1::PollSend object = Post(
      R"( {"topic":"a","event":"e","payload":{},"ref":"5"})", "text/plain");
  EXPECT_EQ(object.dialect(), v1::DIALECT_V1);
  EXPECT_THAT(Refs(object), ElementsAre("\"5\""));
  EXPECT_TRUE(Post("", "text/plain").malformed());
  EXPECT_TRUE(Post(Text(1) + "\n" + Text(2), "").malformed());
}

TEST_F(PollRequestTest, AnEmptyBatchIsNothingToDo) {
  const v1::PollSend send = Post("\n\n");
  EXPECT_FALSE(send.malformed());
  EXPECT_EQ(send.messages_size(), 0);
}

TEST_F(PollRequestTest, AFoundingBodyIsAnObject) {
  const std::string target = "/socket/poll?token=abc&sig=def";
  const v1::PollSend send =
      Post(R"({"topic":"a","event":"e","payload":{},"ref":"1"})",
           "application/x-ndjson", target);
  EXPECT_EQ(send.dialect(), v1::DIALECT_FOUNDING);
  EXPECT_EQ(send.messages_size(), 1);
  EXPECT_TRUE(Post("{}", "", target).malformed());
}

TEST_F(PollRequestTest, AMountMayHaveNoLongPolls) {
  options_.long_poll = false;
  const std::vector<Mount> mounts = {*Mount::Create(options_)};
  EXPECT_FALSE(FindRoute(mounts, "/socket/longpoll").has_value());
  EXPECT_FALSE(FindRoute(mounts, "/socket/poll").has_value());
  EXPECT_TRUE(FindRoute(mounts, "/socket/websocket").has_value());
}

}  // namespace
}  // namespace aerie::edge
