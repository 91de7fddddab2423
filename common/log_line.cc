#include "common/log_line.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace aerie::log {
namespace {

// The length of the well-formed UTF-8 sequence that `text` starts with, or 0.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

void AppendHex(std::string& out, absl::string_view prefix, uint8_t byte) {
  absl::StrAppend(&out, prefix, absl::Hex(byte, absl::kZeroPad2));
}

// `text` between double quotes. What is not UTF-8 becomes U+FFFD in JSON, which
// cannot hold it, and `\xNN` in text.
void AppendQuoted(std::string& out, Format format, absl::string_view text) {
  const bool json = format == Format::kJson;
  out += '"';
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const char c = text[0];
    if (length == 0) {
      if (json) {
        out += "\xEF\xBF\xBD";
      } else {
        AppendHex(out, "\\x", static_cast<uint8_t>(c));
      }
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      AppendHex(out, json ? "\\u00" : "\\x", static_cast<uint8_t>(c));
    } else {
      absl::StrAppend(&out, text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

bool NeedsQuotes(absl::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (c == '"' || c == '=' || c == '\\' ||
        !absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return true;
    }
  }
  return false;
}

// Infinity and NaN are numbers without a form in JSON.
bool BareInJson(const Field& field) {
  const char last = field.value.empty() ? 'n' : field.value.back();
  return field.bare && (absl::ascii_isdigit(static_cast<unsigned char>(last)) ||
                        field.value == "true" || field.value == "false");
}

std::string Text(absl::string_view time, Level level, absl::string_view event,
                 absl::Span<const Field> fields) {
  std::string line = absl::StrCat(time, " ", LevelName(level), " ", event);
  for (const Field& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=");
    if (NeedsQuotes(field.value)) {
      AppendQuoted(line, Format::kText, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

std::string Json(absl::string_view time, Level level, absl::string_view event,
                 absl::Span<const Field> fields) {
  std::string line = absl::StrCat("{\"time\":\"", time, "\",\"level\":\"",
                                  LevelName(level), "\",\"event\":");
  AppendQuoted(line, Format::kJson, event);
  for (const Field& field : fields) {
    line += ',';
    AppendQuoted(line, Format::kJson, field.key);
    line += ':';
    if (BareInJson(field)) {
      line += field.value;
    } else {
      AppendQuoted(line, Format::kJson, field.value);
    }
  }
  line += '}';
  return line;
}

}  // namespace

absl::string_view LevelName(Level level) {
  static constexpr absl::string_view kNames[] = {"debug", "info", "warning",
                                                 "error"};
  return kNames[static_cast<size_t>(level)];
}

std::string FormatLine(Format format, absl::Time time, Level level,
                       absl::string_view event,
                       absl::Span<const Field> fields) {
  const std::string stamp =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  return format == Format::kJson ? Json(stamp, level, event, fields)
                                 : Text(stamp, level, event, fields);
}

}  // namespace aerie::log
