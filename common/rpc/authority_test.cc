#include "common/rpc/authority.h"

#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

TEST(AuthorityTest, LoopbackNeedsNoCredentials) {
  for (const char* address :
       {"127.0.0.1:4010", "127.8.9.10:0", "localhost:4010", "LocalHost:1",
        "[::1]:4010", "unix:/run/aerie.sock"}) {
    EXPECT_TRUE(CheckListenAddress(address, false, false).ok()) << address;
  }
}

TEST(AuthorityTest, AnyOtherAddressNeedsCredentialsOrAWord) {
  for (const char* address :
       {"0.0.0.0:4010", "[::]:4010", "10.0.0.1:4010", ":4010", "", "*:4010",
        "127.example.com:4010", "127.0.0.1.evil.com:1", "localhost.evil:1",
        "[::ffff:127.0.0.1]:1", "127.0.0:1", "127.0.0.256:1"}) {
    EXPECT_FALSE(CheckListenAddress(address, false, false).ok()) << address;
    EXPECT_TRUE(CheckListenAddress(address, true, false).ok()) << address;
    EXPECT_TRUE(CheckListenAddress(address, false, true).ok()) << address;
  }
}

}  // namespace
}  // namespace aerie::rpc
