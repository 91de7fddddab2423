#ifndef AERIE_COMMON_LOG_H_
#define AERIE_COMMON_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// Structured logs: an event, then key=value, as one line of text or JSON.
//
//   log::Info("edge link lost", {{"edge", name}, {"sockets", count}});
//   -> 2026-11-22T10:00:00.000Z info edge link lost edge=e-7 sockets=8123
//
// Any thread. Never a payload, a token or assigns.
namespace aerie::log {

struct Field {
  template <typename T>
  Field(absl::string_view key, const T& value)
      : key(key),
        value(absl::StrCat(value)),
        bare(std::is_arithmetic_v<T> || std::is_enum_v<T>) {}
  Field(absl::string_view key, bool value)
      : key(key), value(value ? "true" : "false"), bare(true) {}

  absl::string_view key;
  std::string value;
  bool bare;  // A number or a boolean: JSON has no quotes around it.
};
using Fields = std::initializer_list<Field>;

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// Once, at the start of main. Lines go to standard error.
void Configure(Level level, Format format);

// Whether lines of `level` are written, for callers whose fields cost much.
bool Enabled(Level level);

void Debug(absl::string_view event, Fields fields = {});
void Info(absl::string_view event, Fields fields = {});
// Of warnings and errors with the same event, 10 a second are written; the next
// line that is tells how many were not (`suppressed=`).
void Warning(absl::string_view event, Fields fields = {});
void Error(absl::string_view event, Fields fields = {});

}  // namespace aerie::log

#endif  // AERIE_COMMON_LOG_H_
