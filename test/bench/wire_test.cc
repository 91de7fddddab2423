#include "test/bench/wire.h"

#include <string>

#include "gtest/gtest.h"
#include "test/support/raw_websocket.h"

namespace aerie::bench {
namespace {

TEST(WireTest, AServersFrameIsReadBack) {
  for (const size_t size : {0, 1, 125, 126, 65'535, 65'536, 100'000}) {
    const std::string text(size, 'a');
    std::string bytes = ServerFrame(text);
    FrameView frame;
    EXPECT_EQ(TakeFrame(bytes.data(), bytes.size(), &frame), bytes.size());
    EXPECT_EQ(frame.head, 0x81);
    EXPECT_EQ(frame.payload, text);
  }
}

TEST(WireTest, AClientsFrameIsUnmasked) {
  for (const size_t size : {0, 3, 8, 21, 126, 70'000}) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text.push_back("abcdefg"[i % 7]);
    std::string bytes = testing::MaskedFrame(0x81, text);
    FrameView frame;
    EXPECT_EQ(TakeFrame(bytes.data(), bytes.size(), &frame), bytes.size());
    EXPECT_EQ(frame.payload, text);
  }
}

TEST(WireTest, APartOfAFrameIsNone) {
  for (const size_t size : {5, 200, 70'000}) {
    std::string bytes = ServerFrame(std::string(size, 'a'));
    FrameView frame;
    for (size_t part = 0; part < bytes.size(); part += size / 5) {
      EXPECT_EQ(TakeFrame(bytes.data(), part, &frame), 0u);
    }
  }
}

TEST(WireTest, TheFirstOfTwoFramesIsTaken) {
  std::string bytes = ServerFrame("one") + ServerFrame("two");
  FrameView frame;
  EXPECT_EQ(TakeFrame(bytes.data(), bytes.size(), &frame), 5u);
  EXPECT_EQ(frame.payload, "one");
}

TEST(WireTest, AnEnvelopeIsCutIntoItsParts) {
  Envelope envelope;
  ASSERT_TRUE(ParseEnvelope(
      R"([null,"7","room:a,b","phx_reply",{"status":"ok","a":[1,2]}])",
      &envelope));
  EXPECT_EQ(envelope.join_ref, "null");
  EXPECT_EQ(envelope.ref, "\"7\"");
  EXPECT_EQ(envelope.topic, "\"room:a,b\"");
  EXPECT_EQ(envelope.event, "\"phx_reply\"");
  EXPECT_EQ(envelope.payload, R"({"status":"ok","a":[1,2]})");
}

TEST(WireTest, WhatIsNoEnvelopeIsRefused) {
  Envelope envelope;
  for (const char* text :
       {"", "[", "{}", "[]", "[null]", R"([null,null,"t","e"])",
        R"([null,null,"t)", R"([null,null,"t"x,"e",{}])"}) {
    EXPECT_FALSE(ParseEnvelope(text, &envelope)) << text;
  }
}

TEST(WireTest, AMessageOfAClientIsAnEnvelope) {
  const std::string text = ClientMessage("1", 42, "room:x", "shout", "{}");
  EXPECT_EQ(text, R"(["1","42","room:x","shout",{}])");
}

TEST(WireTest, APayloadHasItsSizeAndItsNumber) {
  for (const size_t size : {64, 31, 1'024}) {
    const std::string payload = NumberedPayload(1'234, size);
    EXPECT_EQ(payload.size(), size);
    uint64_t number = 0;
    ASSERT_TRUE(NumberOf(payload, &number));
    EXPECT_EQ(number, 1'234u);
  }
  EXPECT_EQ(NumberedPayload(5, 0), R"({"n":"0000000005"})");
}

TEST(WireTest, TheNumberMayStandAnywhere) {
  uint64_t number = 0;
  EXPECT_TRUE(NumberOf(R"({"a":{},"n":"0000000009"})", &number));
  EXPECT_EQ(number, 9u);
  EXPECT_FALSE(NumberOf(R"({"a":1})", &number));
  EXPECT_FALSE(NumberOf(R"({"n":"12)", &number));
}

}  // namespace
}  // namespace aerie::bench
