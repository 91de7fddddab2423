#include "broker/dashboard/query.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aerie::broker {
namespace {

// False for an escape that is none.
bool Decode(absl::string_view encoded, std::string* text) {
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      text->push_back(encoded[i] == '+' ? ' ' : encoded[i]);
      continue;
    }
    const absl::string_view digits = encoded.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(digits[0]) ||
        !absl::ascii_isxdigit(digits[1])) {
      return false;
    }
    absl::StrAppend(text, absl::HexStringToBytes(digits));
    i += 2;
  }
  return true;
}

bool IsPort(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::StatusOr<Query> Query::Parse(absl::string_view encoded) {
  if (encoded.size() > kBytesMax) {
    return absl::InvalidArgumentError("the query is too long");
  }
  Query query;
  for (absl::string_view param :
       absl::StrSplit(encoded, '&', absl::SkipEmpty())) {
    if (query.params_.size() == kParamsMax) {
      return absl::InvalidArgumentError("too many parameters");
    }
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(param, absl::MaxSplits('=', 1));
    std::string name;
    std::string value;
    if (!Decode(parts.first, &name) || !Decode(parts.second, &value)) {
      return absl::InvalidArgumentError("an escape is broken");
    }
    if (!query.params_.emplace(std::move(name), std::move(value)).second) {
      return absl::InvalidArgumentError("a parameter stands twice");
    }
  }
  return query;
}

std::string Query::Text(const std::string& name) const {
  const auto found = params_.find(name);
  return found == params_.end() ? std::string() : found->second;
}

absl::StatusOr<uint64_t> Query::Number(const std::string& name,
                                       uint64_t otherwise) const {
  const auto found = params_.find(name);
  if (found == params_.end()) return otherwise;
  uint64_t number = 0;
  if (!absl::SimpleAtoi(found->second, &number)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is no number"));
  }
  return number;
}

bool IsPrivateHost(absl::string_view host) {
  if (absl::StartsWith(host, "[")) return true;  // IPv6 has no names.
  const size_t colon = host.find(':');
  if (colon != absl::string_view::npos) {
    if (!IsPort(host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  if (host.empty()) return false;
  const std::string name = absl::AsciiStrToLower(absl::StripSuffix(host, "."));
  if (!absl::StrContains(name, '.')) return true;
  // The last part of an IPv4 address is a number, and of no name.
  if (IsPort(name.substr(name.rfind('.') + 1))) return true;
  for (const absl::string_view suffix :
       {".localhost", ".local", ".internal", ".svc"}) {
    if (absl::EndsWith(name, suffix)) return true;
  }
  return false;
}

}  // namespace aerie::broker
