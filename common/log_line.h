#ifndef AERIE_COMMON_LOG_LINE_H_
#define AERIE_COMMON_LOG_LINE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/log.h"

namespace aerie::log {

// `debug`, `info`, `warning` or `error`.
absl::string_view LevelName(Level level);

// One line of the log, without its newline. Whatever bytes the fields hold, it
// is one line, and in JSON it is valid UTF-8. Any thread.
std::string FormatLine(Format format, absl::Time time, Level level,
                       absl::string_view event, absl::Span<const Field> fields);

}  // namespace aerie::log

#endif  // AERIE_COMMON_LOG_LINE_H_
