#include "test/bench/options.h"

#include "gtest/gtest.h"

namespace aerie::bench {
namespace {

TEST(OptionsTest, ATargetIsAUrl) {
  const auto target = ParseTarget("ws://127.0.0.1:4000/socket/websocket");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->host, "127.0.0.1:4000");
  EXPECT_EQ(target->request, "/socket/websocket?vsn=2.0.0");
  EXPECT_TRUE(target->loopback);
}

TEST(OptionsTest, AQueryIsKept) {
  EXPECT_EQ(ParseTarget("ws://127.0.0.1/s?token=a")->request,
            "/s?token=a&vsn=2.0.0");
  EXPECT_EQ(ParseTarget("ws://127.0.0.1/s?vsn=2.0.1")->request, "/s?vsn=2.0.1");
}

TEST(OptionsTest, AnotherMachineIsNotLoopback) {
  EXPECT_FALSE(ParseTarget("ws://192.0.2.1:80/s")->loopback);
}

TEST(OptionsTest, WhatIsNoUrlOfASocketIsRefused) {
  EXPECT_FALSE(ParseTarget("http://127.0.0.1/").ok());
  EXPECT_FALSE(ParseTarget("ws://127.0.0.1:none/").ok());
}

TEST(OptionsTest, SocketsAreSpreadOverTopics) {
  Options options;
  options.topic = "room:x";
  options.sockets = 5;
  EXPECT_EQ(options.TopicOf(3), "room:x");
  options.topics = 2;
  EXPECT_EQ(options.TopicOf(3), "room:x:1");
  EXPECT_EQ(options.SocketsOf(0), 3u);
  EXPECT_EQ(options.SocketsOf(1), 2u);
}

TEST(OptionsTest, TopicsWithoutSocketsAreRefused) {
  Options options;
  options.targets.push_back(ParseTarget("ws://127.0.0.1/").value());
  EXPECT_TRUE(Check(options).ok());
  options.topics = options.sockets + 1;
  EXPECT_FALSE(Check(options).ok());
}

TEST(OptionsTest, ATargetIsNeeded) { EXPECT_FALSE(Check(Options()).ok()); }

}  // namespace
}  // namespace aerie::bench
