#include "clients/cpp/connect.h"

#include <stdexcept>

#include "clients/cpp/attachment.h"
#include "gtest/gtest.h"

namespace aerie::client {
namespace {

v1::ChannelFrame::Connect Question() {
  v1::ChannelFrame::Connect connect;
  connect.set_id(3);
  connect.set_mount("/socket");
  for (const char* value : {"1", "2"}) {
    v1::NameValue& param = *connect.add_params();
    param.set_name("user");
    param.set_value(value);
  }
  connect.set_token("sesame");
  return connect;
}

std::string Answer(const ConnectCallback& callback) {
  return AnswerConnect(callback, Question()).ShortDebugString();
}

TEST(ConnectTest, TheCallbackSeesTheRequestAndNamesTheSocket) {
  EXPECT_EQ(Answer([](const ConnectRequest& request) {
              EXPECT_EQ(request.token, "sesame");
              EXPECT_EQ(request.Header("none"), "");
              return ConnectResult::Accept(
                  "users:" + std::string(request.Param("user")), "{}");
            }),
            "connect_reply { id: 3 ok: true socket_id: \"users:2\" assigns: "
            "\"{}\" }");
}

TEST(ConnectTest, ARefusalHasAStatusAndAReason) {
  EXPECT_EQ(Answer([](const ConnectRequest&) {
              return ConnectResult::Refuse(429, "later");
            }),
            "connect_reply { id: 3 status: 429 reason: \"later\" }");
}

TEST(ConnectTest, WhatFailsOrIsNotAllowedIsAnsweredWith500) {
  const std::string failed = "connect_reply { id: 3 status: 500 }";
  EXPECT_EQ(Answer(nullptr), failed);
  EXPECT_EQ(Answer([](const ConnectRequest&) -> ConnectResult {
              throw std::runtime_error("no database");
            }),
            failed);
  EXPECT_EQ(Answer([](const ConnectRequest&) -> ConnectResult { throw 7; }),
            failed);
  EXPECT_EQ(
      Answer([](const ConnectRequest&) { return ConnectResult::Refuse(200); }),
      failed);
  EXPECT_EQ(Answer([](const ConnectRequest&) {
              return ConnectResult::Accept(std::string(513, 'x'));
            }),
            failed);
  EXPECT_EQ(Answer([](const ConnectRequest&) {
              return ConnectResult::Accept("", "[]");
            }),
            failed);
}

}  // namespace
}  // namespace aerie::client
