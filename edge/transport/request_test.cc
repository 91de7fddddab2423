#include "edge/transport/request.h"

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

TEST(RequestTest, TargetSplitsAtTheFirstQuestionMark) {
  const Request request{.target = "/socket/websocket?a=1?b"};
  EXPECT_EQ(request.path(), "/socket/websocket");
  EXPECT_EQ(request.query(), "a=1?b");
}

TEST(RequestTest, AbsoluteFormMeansItsPath) {
  Request request{.target = "http://example.com:80/socket?a=/b"};
  EXPECT_EQ(request.path(), "/socket");
  EXPECT_EQ(request.query(), "a=/b");
  request.target = "http://example.com";
  EXPECT_EQ(request.path(), "/");
  request.target = "http://example.com?a=1";
  EXPECT_EQ(request.path(), "");
  EXPECT_EQ(request.query(), "a=1");
  request.target = "/redirect?to=http://example.com/";
  EXPECT_EQ(request.path(), "/redirect");
}

TEST(RequestTest, HeaderNamesHaveNoCase) {
  const Request request{.headers = {{"HOST", "a"}, {"host", "b"}}};
  EXPECT_EQ(request.Header("Host"), "a");
  EXPECT_EQ(request.Headers("Host"), "a, b");
  EXPECT_EQ(request.Header("Origin"), absl::nullopt);
  EXPECT_EQ(request.Headers("Origin"), absl::nullopt);
}

TEST(RequestTest, TokensAreFoundInListsAndRepeatedHeaders) {
  const Request request{.headers = {{"Connection", "keep-alive ,close"},
                                    {"connection", "UPGRADE"}}};
  EXPECT_TRUE(request.HasToken("connection", "upgrade"));
  EXPECT_TRUE(request.HasToken("connection", "keep-alive"));
  EXPECT_FALSE(request.HasToken("connection", "keep"));
  EXPECT_FALSE(request.HasToken("upgrade", "websocket"));
}

}  // namespace
}  // namespace aerie::edge
