#include "common/rpc/authority.h"

#include "gtest/gtest.h"

namespace aerie::rpc {
namespace {

TEST(AuthorityTest, LoopbackNeedsNoCredentials) {
  for (const char* address :
       {"127.0.0.1:4010", "127.8.9.10:0", "localhost:4010", "[::1]:4010"}) {
    EXPECT_TRUE(CheckListenAddress(address, false, false).ok()) << address;
  }
}

TEST(AuthorityTest, AnyOtherAddressNeedsCredentialsOrAWord) {
  for (const char* address : {"0.0.0.0:4010", "[::]:4010", "10.0.0.1:4010"}) {
    EXPECT_EQ(CheckListenAddress(address, false, false).code(),
              absl::StatusCode::kInvalidArgument)
        << address;
    EXPECT_TRUE(CheckListenAddress(address, true, false).ok()) << address;
    EXPECT_TRUE(CheckListenAddress(address, false, true).ok()) << address;
  }
}

TEST(AuthorityTest, WhatIsNoAddressIsRefusedWhateverWasSaid) {
  for (const char* address : {"", "4010", "127.example.com:4010", "*:4010"}) {
    EXPECT_FALSE(CheckListenAddress(address, true, true).ok()) << address;
  }
}

}  // namespace
}  // namespace aerie::rpc
