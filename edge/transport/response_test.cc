#include "edge/transport/response.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResponseTest, HeadIsAsTheRfcHasIt) {
  Response response = Response::Text(404, "not found\n");
  response.headers.emplace_back("x-a", "b");
  EXPECT_EQ(FormatHead(response, true, absl::FromUnixSeconds(784111777)),
            "HTTP/1.1 404 Not Found\r\n"
            "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "content-type: text/plain; charset=utf-8\r\n"
            "x-a: b\r\n"
            "content-length: 10\r\n"
            "connection: keep-alive\r\n\r\n");
}

TEST(ResponseTest, EmptyBodiesHaveLengthZero) {
  const std::string head =
      FormatHead(Response::Text(403), false, absl::UnixEpoch());
  EXPECT_THAT(head, HasSubstr("content-length: 0\r\n"));
  EXPECT_THAT(head, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("content-type")));
}

TEST(ResponseTest, UnavailableAsksToTryAgain) {
  EXPECT_THAT(FormatHead(Response::Text(503), true, absl::UnixEpoch()),
              HasSubstr("retry-after: 1\r\n"));
  EXPECT_THAT(FormatHead(Response::Text(503, "", 12), true, absl::UnixEpoch()),
              HasSubstr("retry-after: 12\r\n"));
}

TEST(ResponseTest, TheServerDoesNotSayWhatItIs) {
  EXPECT_THAT(FormatHead(Response::Text(200), true, absl::UnixEpoch()),
              Not(HasSubstr("server:")));
}

TEST(ResponseTest, StatusesOfConnectRulesNeedNoName) {
  EXPECT_THAT(FormatHead(Response::Text(418), true, absl::UnixEpoch()),
              HasSubstr("HTTP/1.1 418 \r\n"));
}

}  // namespace
}  // namespace aerie::edge
