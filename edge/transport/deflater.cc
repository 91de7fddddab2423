#include "edge/transport/deflater.h"

#include <zlib.h>

#include <utility>

namespace aerie::edge {
namespace {

// RFC 7692 section 7.2.1: the end of a flushed block, left out on the wire.
constexpr size_t kTailSize = 4;

}  // namespace

// A compressor of one window size, and what it made last: broadcasts come to
// the sockets of a thread one after the other.
struct Deflater::Window {
  explicit Window(int bits) {
    // Negative: raw deflate, no zlib header.
    ready = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -bits, 8,
                         Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Window() {
    if (ready) deflateEnd(&stream);
  }

  Bytes Deflate(const std::string& message);

  z_stream stream = {};
  bool ready = false;
  std::string buffer;
  Bytes last_message;
  Bytes last_deflated;
};

Deflater::Bytes Deflater::Window::Deflate(const std::string& message) {
  if (!ready) return nullptr;
  deflateReset(&stream);
  buffer.resize(deflateBound(&stream, message.size()) + kTailSize + 8);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream.avail_in = message.size();
  stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
  stream.avail_out = buffer.size();
  if (deflate(&stream, Z_SYNC_FLUSH) != Z_OK || stream.avail_in != 0 ||
      stream.avail_out == 0) {
    return nullptr;
  }
  const size_t size = buffer.size() - stream.avail_out - kTailSize;
  auto deflated = std::make_shared<const std::string>(buffer, 0, size);
  // Only small messages are worth keeping memory for.
  if (buffer.capacity() > 64 << 10) std::string().swap(buffer);
  return deflated;
}

Deflater::Deflater() = default;
Deflater::~Deflater() = default;

Deflater::Bytes Deflater::Deflate(const Bytes& message, int window_bits) {
  std::unique_ptr<Window>& window = windows_[window_bits];
  if (window == nullptr) window = std::make_unique<Window>(window_bits);
  if (window->last_message != message) {
    window->last_deflated = window->Deflate(*message);
    window->last_message = message;
  }
  return window->last_deflated;
}

}  // namespace aerie::edge
