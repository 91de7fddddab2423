#include "edge/transport/deflater.h"

#include <zlib.h>

#include <random>

#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

Deflater::Bytes Share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// Inflates with a window of `bits`: a distance beyond it is an error.
std::string Inflate(const std::string& deflated, int bits) {
  const std::string input = deflated + std::string("\0\0\xff\xff", 4);
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, -bits), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = input.size();
  std::string message;
  int result = Z_OK;
  do {
    char chunk[4096];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof(chunk);
    result = inflate(&stream, Z_SYNC_FLUSH);
    message.append(chunk, sizeof(chunk) - stream.avail_out);
  } while (result == Z_OK && stream.avail_out == 0);
  EXPECT_TRUE(result == Z_OK || result == Z_BUF_ERROR) << result;
  inflateEnd(&stream);
  return message;
}

// Text that repeats itself at long distances.
std::string Text(size_t size) {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < size) {
    if (text.size() > 5000 && random() % 2 == 0) {
      text += text.substr(random() % (text.size() - 500), random() % 500);
    } else {
      text += static_cast<char>('a' + random() % 26);
    }
  }
  text.resize(size);
  return text;
}

TEST(DeflaterTest, MessagesComeBackWhole) {
  Deflater deflater;
  for (size_t size : {40u, 1000u, 65536u, 300000u}) {
    for (int bits : {9, 12, 15}) {
      const auto message = Share(std::string(size, 'a') + Text(size));
      const auto deflated = deflater.Deflate(message, bits);
      ASSERT_NE(deflated, nullptr);
      EXPECT_LT(deflated->size(), message->size());
      EXPECT_EQ(Inflate(*deflated, bits), *message);
    }
  }
}

TEST(DeflaterTest, EachMessageStandsAlone) {
  Deflater deflater;
  const auto first = Share(std::string(500, 'a'));
  const auto second = Share(std::string(500, 'a') + "b");
  deflater.Deflate(first, 15);
  EXPECT_EQ(Inflate(*deflater.Deflate(second, 15), 15), *second);
}

TEST(DeflaterTest, ABroadcastIsCompressedOnce) {
  Deflater deflater;
  const auto message = Share(std::string(500, 'a'));
  const auto deflated = deflater.Deflate(message, 15);
  EXPECT_EQ(deflater.Deflate(message, 15).get(), deflated.get());
  EXPECT_NE(deflater.Deflate(message, 9).get(), deflated.get());
}

TEST(DeflaterTest, MessagesWithoutGainAreWrappedAllTheSame) {
  Deflater deflater;
  std::string noise;
  std::mt19937 random(5);
  while (noise.size() < 200'000) noise += static_cast<char>(random());
  for (const std::string& message : {std::string(), std::string("a"), noise}) {
    const auto deflated = deflater.Deflate(Share(message), 15);
    ASSERT_NE(deflated, nullptr);
    EXPECT_LT(deflated->size(), message.size() + message.size() / 1000 + 16);
    EXPECT_EQ(Inflate(*deflated, 15), message);
  }
}

}  // namespace
}  // namespace aerie::edge
