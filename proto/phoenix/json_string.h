#ifndef AERIE_PROTO_PHOENIX_JSON_STRING_H_
#define AERIE_PROTO_PHOENIX_JSON_STRING_H_

#include <string>

#include "absl/strings/string_view.h"

// JSON strings, RFC 8259 section 7: their text and their content.
// Pure functions: any thread.
namespace aerie::phoenix {

// Appends the string, quotes included, in its shortest form: `"`, `\` and
// control characters are escaped, nothing else is. `content` is UTF-8.
void AppendJsonString(absl::string_view content, std::string* json);

// The content of a string that is known to be valid, given with its quotes.
std::string UnescapeJsonString(absl::string_view json);

// Where a string ends.
struct JsonStringEnd {
  // After its closing quote; of a malformed string, where the fault is.
  const char* end;
  // It has a backslash: its text is not yet its content.
  bool escaped;
  // What is wrong with it, or null.
  const char* fault;
};

// Goes through the string whose opening quote stands before `p`. Refuses what
// is not UTF-8, control characters and lone surrogates.
JsonStringEnd ScanJsonString(const char* p, const char* end);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_JSON_STRING_H_
