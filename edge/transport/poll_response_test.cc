#include "edge/transport/poll_response.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace aerie::edge {
namespace {

using nlohmann::json;
using Answer = v1::PollAnswer;

// 44 and 22 characters.
const std::string kToken = std::string(44, 't') + std::string(22, 's');

std::string Header(const Response& response, absl::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "-";
}

json Body(const Response& response) {
  return response.body == nullptr ? json() : json::parse(*response.body);
}

Answer Of(Answer::Result result) {
  Answer answer;
  answer.set_result(result);
  return answer;
}

// A reply, a push with bytes, and what the founding dialect is silent about.
Answer Given(v1::Dialect dialect) {
  Answer answer = Of(Answer::RESULT_MESSAGES);
  answer.set_dialect(dialect);
  v1::Message& reply = *answer.add_messages();
  reply.set_kind(v1::Message::KIND_REPLY);
  reply.set_topic("room:\"a\"");
  reply.set_ref("\"2\"");
  reply.set_join_ref("\"1\"");
  reply.set_status("ok");
  reply.set_json(R"({"text":"Grüße\n"})");
  v1::Message& push = *answer.add_messages();
  push.set_kind(v1::Message::KIND_PUSH);
  push.set_topic("room:a");
  push.set_event("bytes");
  push.set_binary("\x01\x02");
  return answer;
}

Response Respond(Endpoint endpoint, const Answer& answer,
                 bool malformed = false, uint64_t* skipped = nullptr) {
  uint64_t ignored = 0;
  return PollResponse(endpoint, kToken, answer, malformed,
                      skipped == nullptr ? &ignored : skipped);
}

TEST(PollResponseTest, StatusesAreThoseOfPhoenix) {
  struct Case {
    Answer::Result result;
    uint32_t modern;
    uint32_t founding;
  };
  for (const Case& each : {Case{Answer::RESULT_REFUSED, 403, 403},
                           Case{Answer::RESULT_HANDLED, 200, 200},
                           Case{Answer::RESULT_HANDLED_FAILED, 200, 401},
                           Case{Answer::RESULT_NOT_HANDLED, 408, 401},
                           Case{Answer::RESULT_GONE, 410, 410}}) {
    for (const Endpoint endpoint :
         {Endpoint::kLongPoll, Endpoint::kFoundingPoll}) {
      const Response response = Respond(endpoint, Of(each.result));
      const bool modern = endpoint == Endpoint::kLongPoll;
      EXPECT_EQ(response.status, 200u);
      EXPECT_EQ(Body(response),
                json({{"status", modern ? each.modern : each.founding}}));
    }
  }
}

TEST(PollResponseTest, ANewSessionIsGoneWithItsToken) {
  Answer answer = Of(Answer::RESULT_OPENED);
  answer.set_token(kToken);
  EXPECT_EQ(
      Body(PollResponse(Endpoint::kLongPoll, "old", answer, false, nullptr)),
      json({{"status", 410}, {"token", kToken}, {"messages", json::array()}}));
  EXPECT_EQ(Body(PollResponse(Endpoint::kFoundingPoll, "old", answer, false,
                              nullptr)),
            json({{"status", 410},
                  {"token", std::string(44, 't')},
                  {"sig", std::string(22, 's')}}));
}

TEST(PollResponseTest, NothingComesWithTheTokenOfTheRequest) {
  const Answer answer = Of(Answer::RESULT_NOTHING);
  EXPECT_EQ(
      Body(Respond(Endpoint::kLongPoll, answer)),
      json({{"status", 204}, {"token", kToken}, {"messages", json::array()}}));
  EXPECT_EQ(Body(Respond(Endpoint::kFoundingPoll, answer)),
            json({{"status", 204},
                  {"token", std::string(44, 't')},
                  {"sig", std::string(22, 's')}}));
}

TEST(PollResponseTest, ModernClientsGetTheTextOfFrames) {
  uint64_t skipped = 0;
  const json body = Body(
      Respond(Endpoint::kLongPoll, Given(v1::DIALECT_V2), false, &skipped));
  EXPECT_EQ(body["status"], 200);
  ASSERT_EQ(body["messages"].size(), 1);
  EXPECT_EQ(json::parse(body["messages"][0].get<std::string>()),
            json::parse(R"(["1","2","room:\"a\"","phx_reply",
                {"status":"ok","response":{"text":"Grüße\n"}}])"));
  EXPECT_EQ(skipped, 1);
}

TEST(PollResponseTest, FoundingClientsGetObjects) {
  const json body =
      Body(Respond(Endpoint::kFoundingPoll, Given(v1::DIALECT_FOUNDING)));
  EXPECT_EQ(body["status"], 200);
  ASSERT_EQ(body["messages"].size(), 1);
  EXPECT_EQ(body["messages"][0]["event"], "phx_reply");
  EXPECT_EQ(body["messages"][0]["payload"]["response"]["text"], "Grüße\n");
}

TEST(PollResponseTest, WhenNothingCanBeSaidNothingHasCome) {
  Answer answer = Given(v1::DIALECT_V2);
  answer.mutable_messages()->DeleteSubrange(0, 1);
  EXPECT_EQ(Body(Respond(Endpoint::kLongPoll, answer))["status"], 204);
}

TEST(PollResponseTest, WhatIsOursToMendIsAnHttpStatus) {
  for (const Endpoint endpoint :
       {Endpoint::kLongPoll, Endpoint::kFoundingPoll}) {
    const Response unavailable =
        Respond(endpoint, Of(Answer::RESULT_UNAVAILABLE));
    EXPECT_EQ(unavailable.status, 503u);
    EXPECT_NE(Header(unavailable, "retry-after"), "-");
    EXPECT_EQ(Header(unavailable, "access-control-allow-origin"), "*");
    EXPECT_EQ(Respond(endpoint, Of(Answer::RESULT_FAILED)).status, 500u);
    // Of a broker that knows more than this edge.
    EXPECT_EQ(Respond(endpoint, Of(Answer::RESULT_UNSPECIFIED)).status, 500u);
  }
}

TEST(PollResponseTest, TheFoundingServerFellOverWhatItCouldNotRead) {
  const Answer answer = Of(Answer::RESULT_NOT_HANDLED);
  EXPECT_EQ(Respond(Endpoint::kFoundingPoll, answer, true).status, 500u);
  EXPECT_EQ(Respond(Endpoint::kLongPoll, answer, true).status, 200u);
}

TEST(PollResponseTest, PagesOfAnyOriginMayReadTheAnswer) {
  const Response modern = PollStatus(Endpoint::kLongPoll, 200);
  EXPECT_EQ(Header(modern, "access-control-allow-origin"), "*");
  EXPECT_EQ(Header(modern, "access-control-allow-methods"), "-");
  EXPECT_EQ(Header(modern, "content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(Header(modern, "cache-control"), "no-store");
  const Response founding = PollStatus(Endpoint::kFoundingPoll, 200);
  EXPECT_EQ(Header(founding, "access-control-allow-origin"), "*");
  EXPECT_EQ(Header(founding, "access-control-allow-methods"),
            "get, post, options");
  EXPECT_EQ(Header(founding, "access-control-max-age"), "3600");
  EXPECT_EQ(Header(founding, "access-control-allow-headers"), "");
}

TEST(PollResponseTest, AnOriginThatIsNotAllowedIsTold) {
  EXPECT_EQ(Body(PollForbidden(Endpoint::kLongPoll)), json({{"status", 403}}));
  EXPECT_EQ(
      Header(PollForbidden(Endpoint::kLongPoll), "access-control-allow-origin"),
      "*");
  EXPECT_EQ(Header(PollForbidden(Endpoint::kFoundingPoll),
                   "access-control-allow-origin"),
            "-");
}

TEST(PollResponseTest, APreflightRepeatsTheHeadersThatWereAskedFor) {
  const Response response = PollPreflight("content-type, x-token");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, nullptr);
  EXPECT_EQ(Header(response, "access-control-allow-headers"),
            "content-type, x-token");
}

}  // namespace
}  // namespace aerie::edge
