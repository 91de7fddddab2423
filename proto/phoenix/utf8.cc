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

// Of a leading byte over 0x7f; 0 if it leads nothing.
size_t SequenceSize(unsigned char lead) {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// Whether `bytes` may follow `lead`.
bool Continues(unsigned char lead, absl::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i == 0 ? !IsSecond(lead, byte) : !IsContinuation(byte)) return false;
  }
  return true;
}

}  // namespace

size_t Utf8SequenceSize(const char* p, const char* end) {
  const auto lead = static_cast<unsigned char>(*p);
  const size_t size = SequenceSize(lead);
  if (size == 0 || static_cast<size_t>(end - p) < size) return 0;
  return Continues(lead, {p + 1, size - 1}) ? size : 0;
}

bool IsUnfinishedUtf8(absl::string_view rest) {
  if (rest.empty()) return true;
  const auto lead = static_cast<unsigned char>(rest[0]);
  return rest.size() < SequenceSize(lead) && Continues(lead, rest.substr(1));
}

bool IsValidUtf8(absl::string_view bytes) { return SkipUtf8(bytes).empty(); }

absl::string_view SkipUtf8(absl::string_view bytes) {
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
      if (size == 0) break;
      p += size;
    }
  }
  return {p, static_cast<size_t>(end - p)};
}

}  // namespace aerie::phoenix
