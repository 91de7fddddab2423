#include "clients/cpp/phoenix/endpoint.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::client::phx {
namespace {

TEST(EndpointTest, AUrlSaysWhereAMountIs) {
  struct Case {
    const char* url;
    bool tls;
    const char* host;
    const char* port;
    const char* path;
    const char* authority;
  };
  for (const Case& one : {
           Case{"ws://localhost:4000/socket", false, "localhost", "4000",
                "/socket", "localhost:4000"},
           Case{"wss://example.com/socket/", true, "example.com", "443",
                "/socket", "example.com"},
           Case{"https://example.com:80/a/b", true, "example.com", "80", "/a/b",
                "example.com:80"},
           Case{"http://[::1]:443", false, "::1", "443", "", "[::1]:443"},
           Case{"ws://[fe80::1]/socket", false, "fe80::1", "80", "/socket",
                "[fe80::1]"},
       }) {
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(one.url);
    ASSERT_TRUE(endpoint.ok()) << one.url;
    EXPECT_EQ(endpoint->tls, one.tls) << one.url;
    EXPECT_EQ(endpoint->host, one.host);
    EXPECT_EQ(endpoint->port, one.port);
    EXPECT_EQ(endpoint->path, one.path);
    EXPECT_EQ(endpoint->Authority(), one.authority);
  }
}

TEST(EndpointTest, EverythingElseIsRefused) {
  for (const char* url :
       {"", "/socket", "localhost:4000/socket", "ftp://localhost/socket",
        "ws://", "ws:///socket", "ws://:4000/socket", "ws://host:0/socket",
        "ws://host:65536/socket", "ws://host:x/socket", "ws://[::1/socket",
        "ws://[::1]4000/socket", "ws://host/socket?a=b", "ws://host/socket#a",
        "ws://ada@host/socket", "ws://host/so cket", "ws://host/a\r\nb"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseEndpoint(url).status())) << url;
  }
}

TEST(EndpointTest, ParamsAndTheVersionStandInTheQuery) {
  const Endpoint endpoint{false, "host", "80", "/socket"};
  EXPECT_EQ(WebSocketTarget(endpoint, {}), "/socket/websocket?vsn=2.0.0");
  EXPECT_EQ(WebSocketTarget(endpoint, {{"id", "users:42"}, {"ü", "a b&c=~"}}),
            "/socket/websocket?id=users%3A42&%C3%BC=a%20b%26c%3D~&vsn=2.0.0");
}

TEST(EndpointTest, ATokenIsASubprotocolWithoutPadding) {
  EXPECT_EQ(TokenSubprotocols("a?>"), "phoenix, base64url.bearer.phx.YT8+");
  EXPECT_EQ(TokenSubprotocols("ab"), "phoenix, base64url.bearer.phx.YWI");
  EXPECT_EQ(TokenSubprotocols(""), "phoenix, base64url.bearer.phx.");
}

}  // namespace
}  // namespace aerie::client::phx
