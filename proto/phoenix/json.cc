#include "proto/phoenix/json.h"

#include <algorithm>
#include <system_error>

#include "absl/algorithm/container.h"
#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"

namespace aerie::phoenix {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

JsonKind KindOf(char first) {
  switch (first) {
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case '"':
      return JsonKind::kString;
    case 't':
    case 'f':
      return JsonKind::kBoolean;
    case 'n':
      return JsonKind::kNull;
    default:
      return JsonKind::kNumber;
  }
}

// Goes through a text once, from value to value. Each step that returns false
// has found a fault, which status() then tells.
class Scanner {
 public:
  explicit Scanner(absl::string_view text)
      : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  // One value inside `depth` others, sliced.
  bool Slice(int depth, JsonSlice* slice) {
    SkipSpace();
    const char* const start = p_;
    if (!Value(depth)) return false;
    slice->text = absl::string_view(start, p_ - start);
    slice->kind = KindOf(*start);
    slice->escaped = slice->kind == JsonKind::kString && escaped_;
    return true;
  }

  // The name of a member and its colon.
  bool Name(JsonSlice* name) {
    SkipSpace();
    if (p_ == end_ || *p_ != '"') return Fail("name expected");
    return Slice(0, name) && Expect(':');
  }

  // Whether the next byte, after white space, is `c`; then it is taken.
  bool Next(char c) {
    SkipSpace();
    return Take(c);
  }

  bool Expect(char c) { return Next(c) || Fail("other punctuation expected"); }

  // The text ends here.
  bool End() {
    SkipSpace();
    return p_ == end_ || Fail("text after the value");
  }

  absl::Status status() const {
    return absl::InvalidArgumentError(
        absl::StrCat("json: ", fault_, " at byte ", p_ - begin_));
  }

 private:
  bool Fail(const char* fault) {
    fault_ = fault;
    return false;
  }

  void SkipSpace() {
    while (p_ < end_ && IsSpace(*p_)) ++p_;
  }

  bool Take(char c) {
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }

  // A value whose first byte is at `p_`.
  bool Value(int depth) {
    if (p_ == end_) return Fail("value expected");
    switch (*p_) {
      case '"':
        return String();
      case '{':
        return Object(depth);
      case '[':
        return Array(depth);
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
      default:
        return Number();
    }
  }

  bool Array(int depth) {
    if (depth == kJsonDepthMax) return Fail("nested too deep");
    ++p_;
    if (Next(']')) return true;
    do {
      SkipSpace();
      if (!Value(depth + 1)) return false;
    } while (Next(','));
    return Expect(']');
  }

  bool Object(int depth) {
    if (depth == kJsonDepthMax) return Fail("nested too deep");
    ++p_;
    if (Next('}')) return true;
    do {
      SkipSpace();
      if (p_ == end_ || *p_ != '"') return Fail("name expected");
      if (!String() || !Expect(':')) return false;
      SkipSpace();
      if (!Value(depth + 1)) return false;
    } while (Next(','));
    return Expect('}');
  }

  bool Literal(absl::string_view word) {
    if (absl::string_view(p_, end_ - p_).substr(0, word.size()) != word) {
      return Fail("value expected");
    }
    p_ += word.size();
    return true;
  }

  bool Digits() {
    const char* const start = p_;
    while (p_ < end_ && IsDigit(*p_)) ++p_;
    return p_ > start;
  }

  bool Number() {
    const char* const start = p_;
    Take('-');
    if (!Take('0') && !Digits()) return Fail("value expected");
    const bool fraction = Take('.');
    if (fraction && !Digits()) return Fail("digit expected");
    const bool exponent = Take('e') || Take('E');
    if (exponent) {
      if (!Take('+')) Take('-');
      if (!Digits()) return Fail("digit expected");
    }
    // An integer has no bound, and a short fraction is within it.
    const absl::string_view text(start, p_ - start);
    if (!exponent && (!fraction || text.size() < 300)) return true;
    double value = 0;
    const auto result = absl::from_chars(start, p_, value);
    // An underflow is out of range too, but is as good as 0.
    const bool overflow = result.ec == std::errc::result_out_of_range &&
                          (value > 1 || value < -1);
    return !overflow || Fail("number overflows a double");
  }

  bool String() {
    const JsonStringEnd string = ScanJsonString(p_ + 1, end_);
    escaped_ = string.escaped;
    p_ = string.end;
    return string.fault == nullptr || Fail(string.fault);
  }

  const char* const begin_;
  const char* p_;
  const char* const end_;
  // Whether the last string had a backslash.
  bool escaped_ = false;
  const char* fault_ = "";
};

char FirstByte(absl::string_view text) {
  const auto it = std::find_if_not(text.begin(), text.end(), IsSpace);
  return it == text.end() ? '\0' : *it;
}

}  // namespace

absl::Status ValidateJson(absl::string_view text) {
  Scanner in(text);
  JsonSlice value;
  if (!in.Slice(0, &value) || !in.End()) return in.status();
  return absl::OkStatus();
}

absl::StatusOr<size_t> ScanJsonArray(absl::string_view text,
                                     absl::Span<JsonSlice> elements) {
  std::fill(elements.begin(), elements.end(), JsonSlice());
  Scanner in(text);
  size_t count = 0;
  if (!in.Expect('[')) return in.status();
  if (!in.Next(']')) {
    do {
      JsonSlice other;
      JsonSlice* slice = count < elements.size() ? &elements[count] : &other;
      if (!in.Slice(0, slice)) return in.status();
      ++count;
    } while (in.Next(','));
    if (!in.Expect(']')) return in.status();
  }
  if (!in.End()) return in.status();
  return count;
}

absl::Status ScanJsonObject(absl::string_view text,
                            absl::Span<const absl::string_view> keys,
                            absl::Span<JsonSlice> members) {
  std::fill(members.begin(), members.end(), JsonSlice());
  Scanner in(text);
  if (!in.Expect('{')) return in.status();
  if (!in.Next('}')) {
    do {
      JsonSlice name;
      JsonSlice member;
      if (!in.Name(&name) || !in.Slice(0, &member)) return in.status();
      const auto key = name.escaped
                           ? absl::c_find(keys, UnescapeJsonString(name.text))
                           : absl::c_find(keys, name.content());
      if (key == keys.end()) continue;
      JsonSlice& wanted = members[key - keys.begin()];
      if (wanted.kind == JsonKind::kAbsent) wanted = member;
    } while (in.Next(','));
    if (!in.Expect('}')) return in.status();
  }
  if (!in.End()) return in.status();
  return absl::OkStatus();
}

bool IsJsonObject(absl::string_view text) { return FirstByte(text) == '{'; }

bool IsJsonString(absl::string_view text) { return FirstByte(text) == '"'; }

}  // namespace aerie::phoenix
