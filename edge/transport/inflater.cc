#include "edge/transport/inflater.h"

#include <zlib.h>

#include <array>

namespace aerie::edge {
namespace {

constexpr int kWindowBits = 15;
// RFC 7692 section 7.2.2: what its sender has left out.
constexpr absl::string_view kTail("\0\0\xff\xff", 4);
// Set in z_stream::data_type between blocks.
constexpr int kBetweenBlocks = 128;

}  // namespace

struct Inflater::Stream {
  Stream() {
    // Negative: raw deflate, no zlib header.
    ready = inflateInit2(&zlib, -kWindowBits) == Z_OK;
  }
  ~Stream() {
    if (ready) inflateEnd(&zlib);
  }

  Result Feed(absl::string_view bytes, uint64_t message_bytes_max,
              std::string* message);

  z_stream zlib = {};
  bool ready = false;
  bool ended = false;  // The input stopped behind a block marked as the last.
  std::array<char, 16 << 10> chunk;
};

Inflater::Result Inflater::Stream::Feed(absl::string_view bytes,
                                        uint64_t message_bytes_max,
                                        std::string* message) {
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  do {
    zlib.next_out = reinterpret_cast<Bytef*>(chunk.data());
    zlib.avail_out = chunk.size();
    const int result = inflate(&zlib, Z_SYNC_FLUSH);
    const size_t size = chunk.size() - zlib.avail_out;
    if (size > message_bytes_max - message->size()) return Result::kTooBig;
    message->append(chunk.data(), size);
    ended = result == Z_STREAM_END && zlib.avail_in == 0;
    if (result == Z_STREAM_END) {
      // Section 7.2.3.4: the message may go on behind it.
      inflateReset(&zlib);
    } else if (result == Z_BUF_ERROR) {
      break;  // All has been said.
    } else if (result != Z_OK) {
      return Result::kMalformed;
    }
  } while (!ended && (zlib.avail_in > 0 || zlib.avail_out == 0));
  return Result::kDone;
}

Inflater::Inflater() = default;
Inflater::~Inflater() = default;

Inflater::Result Inflater::Inflate(absl::string_view deflated,
                                   uint64_t message_bytes_max,
                                   std::string* message) {
  message->clear();
  if (stream_ == nullptr) stream_ = std::make_unique<Stream>();
  if (!stream_->ready) return Result::kMalformed;
  inflateReset(&stream_->zlib);
  Result result = stream_->Feed(deflated, message_bytes_max, message);
  if (result != Result::kDone || stream_->ended) return result;
  result = stream_->Feed(kTail, message_bytes_max, message);
  if (result != Result::kDone) return result;
  const bool whole = stream_->zlib.data_type & kBetweenBlocks;
  return whole ? Result::kDone : Result::kMalformed;
}

}  // namespace aerie::edge
