#include "edge/transport/mount.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<Mount> Mounts(std::vector<MountOptions> options) {
  std::vector<Mount> mounts;
  for (MountOptions& one : options) {
    absl::StatusOr<Mount> mount = Mount::Create(std::move(one));
    EXPECT_TRUE(mount.ok()) << mount.status();
    mounts.push_back(*std::move(mount));
  }
  return mounts;
}

MountOptions At(std::string path, bool founding = true, bool modern = true) {
  MountOptions options;
  options.path = std::move(path);
  options.founding = founding;
  options.modern = modern;
  return options;
}

TEST(MountTest, EachPathHasItsEndpoint) {
  const auto mounts = Mounts({At("/socket")});
  EXPECT_EQ(FindRoute(mounts, "/socket/websocket")->endpoint,
            Endpoint::kWebSocket);
  EXPECT_EQ(FindRoute(mounts, "/socket/longpoll")->endpoint,
            Endpoint::kLongPoll);
  EXPECT_EQ(FindRoute(mounts, "/socket")->endpoint,
            Endpoint::kFoundingWebSocket);
  EXPECT_EQ(FindRoute(mounts, "/socket/poll")->endpoint,
            Endpoint::kFoundingPoll);
}

TEST(MountTest, SlashesAtTheEndAndRepeatedOnesDoNotCount) {
  const auto mounts = Mounts({At("/socket/")});
  EXPECT_TRUE(FindRoute(mounts, "/socket/websocket/").has_value());
  EXPECT_TRUE(FindRoute(mounts, "/socket/").has_value());
  EXPECT_TRUE(FindRoute(mounts, "//socket//websocket").has_value());
}

TEST(MountTest, OtherPathsLeadNowhere) {
  const auto mounts = Mounts({At("/socket")});
  for (absl::string_view path :
       {"/", "", "/sockets", "/Socket", "/socket/websocket/x", "/socket/x",
        "/x/socket", "/socket/WebSocket", "/socket%2Fwebsocket", "/socket%",
        "/%ff"}) {
    EXPECT_FALSE(FindRoute(mounts, path).has_value()) << path;
  }
}

TEST(MountTest, FoundingPathsNeedAFoundingMount) {
  const auto mounts = Mounts({At("/socket", false)});
  EXPECT_FALSE(FindRoute(mounts, "/socket").has_value());
  EXPECT_FALSE(FindRoute(mounts, "/socket/poll").has_value());
  EXPECT_TRUE(FindRoute(mounts, "/socket/websocket").has_value());
}

TEST(MountTest, AMountMayServeTheFoundingDialectAlone) {
  const auto mounts = Mounts({At("/ws", true, false)});
  EXPECT_TRUE(FindRoute(mounts, "/ws").has_value());
  EXPECT_FALSE(FindRoute(mounts, "/ws/websocket").has_value());
}

TEST(MountTest, VariablesAreDecoded) {
  const auto mounts = Mounts({At("/rooms/:id/:name")});
  const auto route = FindRoute(mounts, "/rooms/7/caf%C3%A9+x/websocket");
  ASSERT_TRUE(route.has_value());
  EXPECT_THAT(route->variables,
              ElementsAre(Pair("id", "7"), Pair("name", "café+x")));
  EXPECT_FALSE(FindRoute(mounts, "/rooms/7/websocket").has_value() &&
               FindRoute(mounts, "/rooms/7/websocket")->endpoint ==
                   Endpoint::kWebSocket);
}

TEST(MountTest, LiteralSegmentsMayComeEncoded) {
  const auto mounts = Mounts({At("/socket")});
  EXPECT_TRUE(FindRoute(mounts, "/%73ocket/websocket").has_value());
}

TEST(MountTest, TheFirstMountThatServesThePathIsTaken) {
  const auto mounts =
      Mounts({At("/a", false), At("/:any"), At("/a/poll", false)});
  EXPECT_EQ(FindRoute(mounts, "/a/websocket")->mount, &mounts[0]);
  EXPECT_EQ(FindRoute(mounts, "/a")->mount, &mounts[1]);
  EXPECT_EQ(FindRoute(mounts, "/b/websocket")->mount, &mounts[1]);
  EXPECT_EQ(FindRoute(mounts, "/a/poll/websocket")->mount, &mounts[2]);
}

TEST(MountTest, TheRootMayBeAMount) {
  const auto mounts = Mounts({At("/")});
  EXPECT_EQ(FindRoute(mounts, "/")->endpoint, Endpoint::kFoundingWebSocket);
  EXPECT_EQ(FindRoute(mounts, "/websocket")->endpoint, Endpoint::kWebSocket);
}

TEST(MountTest, ImpossibleOptionsAreRefusedAtStart) {
  EXPECT_FALSE(Mount::Create(At("socket")).ok());
  EXPECT_FALSE(Mount::Create(At("")).ok());
  EXPECT_FALSE(Mount::Create(At("/a/:")).ok());
  EXPECT_FALSE(Mount::Create(At("/a", false, false)).ok());
  MountOptions v2;
  v2.default_dialect = v1::DIALECT_V2;
  EXPECT_FALSE(Mount::Create(v2).ok());
  MountOptions origin;
  origin.check_origin = {CheckOrigin::Mode::kList, {"example.com"}, ""};
  EXPECT_FALSE(Mount::Create(origin).ok());
}

}  // namespace
}  // namespace aerie::edge
