#include "edge/transport/inflater.h"

#include <random>

#include "edge/transport/deflater.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using Result = Inflater::Result;

constexpr uint64_t kNoLimit = 1 << 30;

std::string Deflate(const std::string& message) {
  Deflater deflater;
  return *deflater.Deflate(std::make_shared<const std::string>(message), 15);
}

std::string Inflated(absl::string_view deflated) {
  Inflater inflater;
  std::string message;
  const Result result = inflater.Inflate(deflated, kNoLimit, &message);
  return result == Result::kDone ? message : "malformed";
}

TEST(InflaterTest, MessagesComeBackWhole) {
  Inflater inflater;
  std::mt19937 random(7);
  for (size_t size : {0u, 1u, 1000u, 16384u, 65536u, 300'000u}) {
    std::string noise;
    while (noise.size() < size) noise += static_cast<char>(random());
    for (const std::string& message : {std::string(size, 'a'), noise}) {
      std::string inflated;
      ASSERT_EQ(inflater.Inflate(Deflate(message), kNoLimit, &inflated),
                Result::kDone);
      EXPECT_TRUE(inflated == message) << size;
    }
  }
}

// RFC 7692 section 7.2.3: "Hello" in many ways.
TEST(InflaterTest, EveryKindOfBlockIsTaken) {
  EXPECT_EQ(Inflated({"\xf2\x48\xcd\xc9\xc9\x07\0", 7}), "Hello");
  EXPECT_EQ(Inflated({"\0\x05\0\xfa\xff\x48\x65\x6c\x6c\x6f\0", 11}), "Hello");
  EXPECT_EQ(Inflated({"\xf2\x48\x05\0\0\0\xff\xff\xca\xc9\xc9\x07\0", 13}),
            "Hello");
  // Marked as the last block, with and without one behind it.
  EXPECT_EQ(Inflated({"\xf3\x48\xcd\xc9\xc9\x07\0\0", 8}), "Hello");
  EXPECT_EQ(Inflated({"\xf3\x48\xcd\xc9\xc9\x07\0", 7}), "Hello");
  EXPECT_EQ(Inflated(Deflate("")), "");
}

TEST(InflaterTest, AMessageKnowsNothingOfTheOneBefore) {
  Inflater inflater;
  std::string message;
  EXPECT_EQ(
      inflater.Inflate({"\xf2\x48\xcd\xc9\xc9\x07\0", 7}, kNoLimit, &message),
      Result::kDone);
  // "Hello" as a reference to the first.
  EXPECT_EQ(inflater.Inflate({"\xf2\0\x11\0\0", 5}, kNoLimit, &message),
            Result::kMalformed);
  EXPECT_EQ(
      inflater.Inflate({"\xf2\x48\xcd\xc9\xc9\x07\0", 7}, kNoLimit, &message),
      Result::kDone);
}

TEST(InflaterTest, WhatWouldBeTooBigIsNotMade) {
  Inflater inflater;
  // NOLINTNEXTLINE(bugprone-string-constructor): it is meant to be large.
  const std::string bomb = Deflate(std::string(50'000'000, 'a'));
  std::string message;
  EXPECT_EQ(inflater.Inflate(bomb, 50'000'000, &message), Result::kDone);
  EXPECT_EQ(inflater.Inflate(bomb, 49'999'999, &message), Result::kTooBig);
  std::string little;
  EXPECT_EQ(inflater.Inflate(bomb, 1000, &little), Result::kTooBig);
  EXPECT_LT(little.capacity(), 50'000u);
  EXPECT_EQ(inflater.Inflate(Deflate("a"), 0, &little), Result::kTooBig);
}

TEST(InflaterTest, GarbageAndHalvesAreMalformed) {
  EXPECT_EQ(Inflated("\xff\xff\xff\xff\xff\xff"), "malformed");
  EXPECT_EQ(Inflated({"\0\x05\0\xfa\0", 5}), "malformed");
  const std::string whole = Deflate("a message that is cut off somewhere");
  EXPECT_EQ(Inflated(absl::string_view(whole).substr(0, whole.size() / 2)),
            "malformed");
}

}  // namespace
}  // namespace aerie::edge
