#include "broker/channel/origin.h"

#include <string>

#include "gtest/gtest.h"

namespace aerie::broker {
namespace {

TEST(PeerAddressTest, IsWrittenAsItWasRead) {
  for (const std::string text :
       {"192.0.2.7:51000", "[2001:db8::7]:51000", "[::1]:1", "127.0.0.1:0"}) {
    EXPECT_EQ(PeerAddress(text).ToString(), text);
  }
}

TEST(PeerAddressTest, AnythingElseIsNobody) {
  for (const std::string text :
       {"", "client", "192.0.2.7", "192.0.2.256:1", "[fe80::1%eth0]:1"}) {
    EXPECT_EQ(PeerAddress(text).ToString(), "");
  }
}

// There is one for each socket.
TEST(OriginTest, IsSmall) { EXPECT_LE(sizeof(Origin), 32u); }

}  // namespace
}  // namespace aerie::broker
