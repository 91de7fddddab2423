#include "proto/phoenix/json_string.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "proto/phoenix/utf8.h"

namespace aerie::phoenix {
namespace {

// The letters that may follow a backslash, but for `u`, and what they mean.
constexpr absl::string_view kLetters = "\"\\/bfnrt";
constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = kOnes << 7;

// The lowest bit set is the high bit of the first byte that equals `byte`.
uint64_t Equals(uint64_t word, char byte) {
  const uint64_t zero = word ^ (kOnes * static_cast<unsigned char>(byte));
  return (zero - kOnes) & ~zero & kHighs;
}

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

enum class Plain { kAscii, kUtf8 };

// The first byte from `p` on that may not stand for itself in a string (a
// quote, a backslash, a control character; with Plain::kAscii also a byte over
// 0x7f), or `end`. Looks at eight bytes at a time.
template <Plain kPlain>
const char* SkipPlain(const char* p, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    uint64_t special = (word - kOnes * 0x20) & ~word & kHighs;
    special |= Equals(word, '"') | Equals(word, '\\');
    if (kPlain == Plain::kAscii) special |= word & kHighs;
    if (special != 0) return p + std::countr_zero(special) / 8;
  }
  for (; p < end; ++p) {
    if (static_cast<unsigned char>(*p) < 0x20) break;
    if (*p == '"' || *p == '\\') break;
    if (kPlain == Plain::kAscii && !IsAscii(*p)) break;
  }
  return p;
}

// The code unit of an escape `\uXXXX` that starts at `p`, or -1.
int32_t EscapedUnit(const char* p, const char* end) {
  if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return -1;
  int32_t unit = 0;
  for (const char c : absl::string_view(p + 2, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit * 16 + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return unit;
}

bool IsHighSurrogate(int32_t unit) { return (unit & ~0x3ff) == 0xd800; }
bool IsLowSurrogate(int32_t unit) { return (unit & ~0x3ff) == 0xdc00; }

// The end of the escape at `p`; of a malformed one sets `fault`.
const char* SkipEscape(const char* p, const char* end, const char** fault) {
  if (end - p >= 2 && kLetters.find(p[1]) != absl::string_view::npos) {
    return p + 2;
  }
  const int32_t unit = EscapedUnit(p, end);
  if (unit < 0) {
    *fault = "unknown escape";
    return p;
  }
  if (!IsHighSurrogate(unit) && !IsLowSurrogate(unit)) return p + 6;
  if (IsHighSurrogate(unit) && IsLowSurrogate(EscapedUnit(p + 6, end))) {
    return p + 12;
  }
  *fault = "lone surrogate";
  return p;
}

// The end of the run of other than ASCII at `p`; of a malformed one sets
// `fault`.
const char* SkipNonAscii(const char* p, const char* end, const char** fault) {
  while (p < end && !IsAscii(*p)) {
    const size_t size = Utf8SequenceSize(p, end);
    if (size == 0) {
      *fault = "not UTF-8";
      break;
    }
    p += size;
  }
  return p;
}

void AppendUtf8(int32_t point, std::string* out) {
  const auto low = [point](int shift) {
    return static_cast<char>(0x80 | ((point >> shift) & 0x3f));
  };
  if (point < 0x80) {
    out->push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out->append({static_cast<char>(0xc0 | (point >> 6)), low(0)});
  } else if (point < 0x10000) {
    out->append({static_cast<char>(0xe0 | (point >> 12)), low(6), low(0)});
  } else {
    out->append(
        {static_cast<char>(0xf0 | (point >> 18)), low(12), low(6), low(0)});
  }
}

// Appends what the escape at `p` stands for, and returns its end.
const char* AppendUnescaped(const char* p, const char* end, std::string* out) {
  if (p[1] != 'u') {
    out->push_back(kMeanings[kLetters.find(p[1])]);
    return p + 2;
  }
  const int32_t unit = EscapedUnit(p, end);
  if (!IsHighSurrogate(unit)) {
    AppendUtf8(unit, out);
    return p + 6;
  }
  const int32_t second = EscapedUnit(p + 6, end);
  AppendUtf8(0x10000 + ((unit & 0x3ff) << 10) + (second & 0x3ff), out);
  return p + 12;
}

void AppendEscape(char c, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  const size_t i = kMeanings.find(c);
  if (i != absl::string_view::npos) {
    out->append({'\\', kLetters[i]});
  } else {
    out->append({'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]});
  }
}

}  // namespace

JsonStringEnd ScanJsonString(const char* p, const char* end) {
  bool escaped = false;
  while (true) {
    const char* fault = nullptr;
    p = SkipPlain<Plain::kAscii>(p, end);
    if (p == end) return {p, escaped, "string not closed"};
    if (*p == '"') return {p + 1, escaped, nullptr};
    if (*p == '\\') {
      escaped = true;
      p = SkipEscape(p, end, &fault);
    } else if (!IsAscii(*p)) {
      p = SkipNonAscii(p, end, &fault);
    } else {
      fault = "control character in a string";
    }
    if (fault != nullptr) return {p, escaped, fault};
  }
}

void AppendJsonString(absl::string_view content, std::string* json) {
  const char* p = content.data();
  const char* const end = p + content.size();
  json->push_back('"');
  while (true) {
    const char* const run = p;
    p = SkipPlain<Plain::kUtf8>(p, end);
    json->append(run, p);
    if (p == end) break;
    AppendEscape(*p++, json);
  }
  json->push_back('"');
}

std::string UnescapeJsonString(absl::string_view json) {
  const char* p = json.data() + 1;
  const char* const end = p + json.size() - 2;
  std::string content;
  content.reserve(json.size());
  while (p < end) {
    const char* const run = p;
    p = std::find(p, end, '\\');
    content.append(run, p);
    if (p < end) p = AppendUnescaped(p, end, &content);
  }
  return content;
}

}  // namespace aerie::phoenix
