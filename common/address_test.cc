#include "common/address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie {
namespace {

TEST(AddressTest, ReadsBothFamiliesAndLocalhost) {
  EXPECT_EQ(ParseAddress("127.0.0.1:4000")->ToString(), "127.0.0.1:4000");
  EXPECT_EQ(ParseAddress("[::1]:0")->ToString(), "[::1]:0");
  EXPECT_EQ(ParseAddress("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseAddress("localhost:65535")->ToString(), "127.0.0.1:65535");
  EXPECT_EQ(ParseAddress("0.0.0.0:80")->port, 80);
}

TEST(AddressTest, RefusesWhatIsNoAddressAndPort) {
  for (const char* text : {"",
                           ":",
                           ":4000",
                           "4000",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+80",
                           "127.0.0.1: 80",
                           "127.0.0.1:http",
                           "127.0.0.1:000080",
                           "::1:80",
                           "[::1]",
                           "[::1:80",
                           "::1]:80",
                           "[127.0.0.1]:80",
                           "127.0.0:80",
                           "example.com:80",
                           "http://127.0.0.1:80",
                           "[fe80::1%eth0]:80"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
  EXPECT_EQ(ParseAddress("example.com:80").status().message(),
            "expected address:port such as 127.0.0.1:4000 or [::1]:4000, got "
            "\"example.com:80\"");
}

TEST(AddressTest, LoopbackIsWhatOnlyThisMachineReaches) {
  for (const char* text :
       {"127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_TRUE(ParseAddress(text)->IsLoopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "1.127.0.0:1",
                           "[::ffff:10.0.0.1]:1", "[fe80::1]:1"}) {
    EXPECT_FALSE(ParseAddress(text)->IsLoopback()) << text;
  }
}

}  // namespace
}  // namespace aerie
