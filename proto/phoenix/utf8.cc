#include "proto/phoenix/utf8.h"

#include <cstdint>
#include <cstring>

namespace aerie::phoenix {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// RFC 3629 section 4: the second byte of some leading bytes has a narrower
// range, which excludes overlong forms, surrogates and what exceeds U+10FFFF.
bool IsSecond(unsigned char lead, unsigned char byte) {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0 && byte <= 0xbf;
    case 0xed:
      return byte >= 0x80 && byte <= 0x9f;
    case 0xf0:
      return byte >= 0x90 && byte <= 0xbf;
    case 0xf4:
      return byte >= 0x80 && byte <= 0x8f;
    default:
      return IsContinuation(byte);
  }
}

}  // namespace

size_t Utf8SequenceSize(const char* p, const char* end) {
  const auto byte = [p](size_t i) { return static_cast<unsigned char>(p[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (static_cast<size_t>(end - p) < size || !IsSecond(lead, byte(1))) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!IsContinuation(byte(i))) return 0;
  }
  return size;
}

bool IsValidUtf8(absl::string_view bytes) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p < end) {
    uint64_t word;
    if (end - p >= 8 &&
        (std::memcpy(&word, p, 8), (word & 0x8080808080808080) == 0)) {
      p += 8;  // ASCII, eight bytes at a time.
    } else if (static_cast<unsigned char>(*p) < 0x80) {
      ++p;
    } else {
      const size_t size = Utf8SequenceSize(p, end);
      if (size == 0) return false;
      p += size;
    }
  }
  return true;
}

}  // namespace aerie::phoenix
