#include "edge/transport/request.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aerie::edge {
namespace {

// RFC 9112 section 3.2.2: servers take `http://host/path` for `/path`.
absl::string_view OriginForm(absl::string_view target) {
  const size_t scheme = target.find("://");
  if (absl::StartsWith(target, "/") || scheme == absl::string_view::npos) {
    return target;
  }
  const size_t path = target.find_first_of("/?", scheme + 3);
  return path == absl::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

absl::string_view Request::path() const {
  const absl::string_view form = OriginForm(target);
  return form.substr(0, form.find('?'));
}

absl::string_view Request::query() const {
  const absl::string_view form = OriginForm(target);
  const size_t mark = form.find('?');
  return mark == absl::string_view::npos ? "" : form.substr(mark + 1);
}

absl::optional<absl::string_view> Request::Header(
    absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, name)) return absl::string_view(value);
  }
  return absl::nullopt;
}

absl::optional<std::string> Request::Headers(absl::string_view name) const {
  absl::optional<std::string> joined;
  for (const auto& [key, value] : headers) {
    if (!absl::EqualsIgnoreCase(key, name)) continue;
    if (joined.has_value()) {
      absl::StrAppend(&*joined, ", ", value);
    } else {
      joined = value;
    }
  }
  return joined;
}

bool Request::HasToken(absl::string_view name, absl::string_view token) const {
  const absl::optional<std::string> list = Headers(name);
  if (!list.has_value()) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(*list, ',');
  return std::any_of(parts.begin(), parts.end(), [&](absl::string_view part) {
    return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(part), token);
  });
}

}  // namespace aerie::edge
