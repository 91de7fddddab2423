#ifndef AERIE_PROTO_PHOENIX_JSON_H_
#define AERIE_PROTO_PHOENIX_JSON_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/phoenix/json_string.h"
#include "proto/phoenix/utf8.h"

// JSON as text: checked once, sliced, never rewritten. Phoenix: Jason, but for
// the decoded terms, of which Aerie has none.
//
// What passes is RFC 8259 in UTF-8. Refused besides: a byte order mark, lone
// surrogate escapes, numbers that overflow a double (integers may have any
// size), text after the value, and nesting beyond kJsonDepthMax. Errors are
// INVALID_ARGUMENT, with the place of the fault but none of the text.
// Pure functions: any thread. Slices point into the text that was scanned.
namespace aerie::phoenix {

// Arrays and objects inside each other, in one value.
inline constexpr int kJsonDepthMax = 128;

enum class JsonKind {
  kAbsent,
  kNull,
  kBoolean,
  kNumber,
  kString,
  kArray,
  kObject
};

// One value inside a text.
struct JsonSlice {
  // Without white space around it; of a string, with its quotes.
  absl::string_view text;
  JsonKind kind = JsonKind::kAbsent;
  // A string with a backslash in it: its text is not yet its content.
  bool escaped = false;

  // Of a string without escapes: what stands between the quotes.
  absl::string_view content() const { return text.substr(1, text.size() - 2); }
};

// Whether `text` is one JSON value.
absl::Status ValidateJson(absl::string_view text);

// Checks that `text` is an array, and slices its first elements; those that it
// lacks stay absent. Returns how many elements it has.
absl::StatusOr<size_t> ScanJsonArray(absl::string_view text,
                                     absl::Span<JsonSlice> elements);

// Checks that `text` is an object, and slices the member of each key into
// `members`, at the key's index; those that it lacks stay absent. The first of
// equal keys wins; members with other keys are only checked.
absl::Status ScanJsonObject(absl::string_view text,
                            absl::Span<const absl::string_view> keys,
                            absl::Span<JsonSlice> members);

// Whether a text that is known to be valid is an object.
bool IsJsonObject(absl::string_view text);

// Whether a text that is known to be valid is a string.
bool IsJsonString(absl::string_view text);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_JSON_H_
