#ifndef AERIE_EDGE_TRANSPORT_DEFLATER_H_
#define AERIE_EDGE_TRANSPORT_DEFLATER_H_

#include <array>
#include <memory>
#include <string>

namespace aerie::edge {

// Compresses messages for permessage-deflate (RFC 7692) without context
// takeover, so that sockets have no compressor of their own and all that hear a
// broadcast share its compressed bytes. Lives on one io thread.
class Deflater {
 public:
  using Bytes = std::shared_ptr<const std::string>;

  static constexpr int kWindowBitsMin = 9;
  static constexpr int kWindowBitsMax = 15;

  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The payload of a compressed frame, even where compression gains nothing:
  // there are clients that cannot take both kinds. Null without memory.
  // `window_bits` is what was negotiated, from kWindowBitsMin to
  // kWindowBitsMax.
  Bytes Deflate(const Bytes& message, int window_bits);

 private:
  struct Window;

  std::array<std::unique_ptr<Window>, kWindowBitsMax + 1> windows_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_DEFLATER_H_
