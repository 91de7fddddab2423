#ifndef AERIE_PROTO_PHOENIX_UTF8_H_
#define AERIE_PROTO_PHOENIX_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing over
// U+10FFFF. Pure functions: any thread.
namespace aerie::phoenix {

bool IsValidUtf8(absl::string_view bytes);

// What is left of `bytes` behind the whole sequences at its start: nothing if
// it is UTF-8.
absl::string_view SkipUtf8(absl::string_view bytes);

// Whether `rest`, left by SkipUtf8, is empty or a sequence that more bytes may
// complete.
bool IsUnfinishedUtf8(absl::string_view rest);

// Size of the sequence that starts at `p`, a byte over 0x7f before `end`; 0 if
// it is malformed or cut short.
size_t Utf8SequenceSize(const char* p, const char* end);

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_UTF8_H_
