#include "edge/transport/request_reader.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using Result = RequestReader::Result;

class RequestReaderTest : public ::testing::Test {
 protected:
  Result Read(absl::string_view bytes) {
    reader_.Append(bytes);
    return reader_.Next(&request_);
  }

  Limits limits_;
  RequestReader reader_{limits_};
  Request request_;
};

TEST_F(RequestReaderTest, ARequestIsReadWhole) {
  ASSERT_EQ(Read("GET /a?b=%20c HTTP/1.1\r\nHost: x\r\nX-Y:  z \r\n\r\n"),
            Result::kRequest);
  EXPECT_EQ(request_.method, "GET");
  EXPECT_EQ(request_.target, "/a?b=%20c");
  EXPECT_EQ(request_.version, 11);
  EXPECT_TRUE(request_.keep_alive);
  EXPECT_EQ(request_.Header("x-y"), "z");
  EXPECT_FALSE(reader_.busy());
}

TEST_F(RequestReaderTest, BytesMayComeOneByOne) {
  const std::string text =
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    ASSERT_EQ(Read(text.substr(i, 1)), Result::kNeedMore) << i;
    EXPECT_TRUE(reader_.busy());
  }
  ASSERT_EQ(Read("c"), Result::kRequest);
  EXPECT_EQ(request_.body, "abc");
}

TEST_F(RequestReaderTest, RequestsMayComeTogether) {
  ASSERT_EQ(Read("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3"),
            Result::kRequest);
  EXPECT_EQ(request_.target, "/1");
  ASSERT_EQ(reader_.Next(&request_), Result::kRequest);
  EXPECT_EQ(request_.target, "/2");
  EXPECT_EQ(reader_.Next(&request_), Result::kNeedMore);
  ASSERT_EQ(Read(" HTTP/1.1\r\n\r\n"), Result::kRequest);
  EXPECT_EQ(request_.target, "/3");
}

TEST_F(RequestReaderTest, WhatFollowsAnUpgradeIsKept) {
  ASSERT_EQ(Read("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: "
                 "websocket\r\n\r\n\x81\x80zzzz"),
            Result::kRequest);
  EXPECT_EQ(reader_.TakeRest(), "\x81\x80zzzz");
}

TEST_F(RequestReaderTest, ChunkedBodiesAreJoined) {
  ASSERT_EQ(Read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
            Result::kRequest);
  EXPECT_EQ(request_.body, "abcde");
}

TEST_F(RequestReaderTest, ChunkedBodiesMayComeByteByByte) {
  for (const char* body : {"0\r\n\r\n", "1\r\na\r\n0\r\nX: y\r\n\r\n"}) {
    RequestReader reader(limits_);
    const std::string text = absl::StrCat(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", body);
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      reader.Append(text.substr(i, 1));
      ASSERT_EQ(reader.Next(&request_), Result::kNeedMore) << i;
    }
    reader.Append("\n");
    EXPECT_EQ(reader.Next(&request_), Result::kRequest);
  }
}

TEST_F(RequestReaderTest, KeepAliveFollowsVersionAndHeader) {
  Read("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(request_.keep_alive);
  Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(request_.keep_alive);
  Read("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(request_.keep_alive);
}

TEST_F(RequestReaderTest, HeadersOverTheLimitAre431) {
  limits_.request_header_bytes_max = 200;
  Result result = Read("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 20 && result == Result::kNeedMore; ++i) {
    result = Read(absl::StrCat("x-", i, ": ", std::string(20, 'x'), "\r\n"));
  }
  EXPECT_EQ(result, Result::kError);
  EXPECT_EQ(reader_.error_status(), 431u);
}

TEST_F(RequestReaderTest, AnEndlessLineIs431) {
  limits_.request_header_bytes_max = 200;
  Result result = Read("GET /");
  for (int i = 0; i < 20 && result == Result::kNeedMore; ++i) {
    result = Read(std::string(100, 'x'));
  }
  EXPECT_EQ(result, Result::kError);
  EXPECT_EQ(reader_.error_status(), 431u);
}

TEST_F(RequestReaderTest, BodiesOverTheLimitAre413) {
  limits_.request_body_bytes_max = 10;
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"),
            Result::kError);
  EXPECT_EQ(reader_.error_status(), 413u);
}

TEST_F(RequestReaderTest, ChunksOverTheLimitAre413) {
  limits_.request_body_bytes_max = 10;
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n0\r\n\r\n"),
            Result::kError);
  EXPECT_EQ(reader_.error_status(), 413u);
}

TEST_F(RequestReaderTest, AClientThatWaitsIsToldToContinueOnce) {
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nExpect: 100-continue\r\n"
                 "Content-Length: 2\r\n\r\n"),
            Result::kContinue);
  EXPECT_EQ(reader_.Next(&request_), Result::kNeedMore);
  EXPECT_EQ(Read("ab"), Result::kRequest);
}

TEST_F(RequestReaderTest, GarbageIs400AndStaysSo) {
  for (absl::string_view text :
       {"GET\r\n\r\n", "\x16\x03\x01\x02\x01", "GET / HTTP/3.0\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    RequestReader reader(limits_);
    reader.Append(text);
    EXPECT_EQ(reader.Next(&request_), Result::kError) << text;
    EXPECT_EQ(reader.error_status(), 400u);
    reader.Append("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(reader.Next(&request_), Result::kError);
  }
}

TEST_F(RequestReaderTest, ABodyMustHaveOneLength) {
  // Otherwise a proxy in front may see another end of the request.
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nContent-Length: 3\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            Result::kError);
}

}  // namespace
}  // namespace aerie::edge
