#include "edge/transport/origin.h"

#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace aerie::edge {
namespace {

uint32_t DefaultPort(absl::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

// RFC 3986 section 3.1.
bool IsScheme(absl::string_view text) {
  return !text.empty() && absl::ascii_isalpha(text[0]) &&
         absl::c_all_of(text, [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
         });
}

// Reads `user@host:port`, the user being nobody's business.
void ParseAuthority(absl::string_view authority, Site& site) {
  const size_t at = authority.rfind('@');
  if (at != absl::string_view::npos) authority.remove_prefix(at + 1);
  size_t host_end = authority.rfind(':');
  if (absl::StartsWith(authority, "[")) {
    const size_t bracket = authority.find(']');
    if (bracket == absl::string_view::npos) return;
    site.host = std::string(authority.substr(1, bracket - 1));
    authority.remove_prefix(bracket + 1);
    host_end = absl::StartsWith(authority, ":") ? 0 : absl::string_view::npos;
  } else {
    site.host = std::string(authority.substr(0, host_end));
  }
  if (host_end == absl::string_view::npos) return;
  const absl::string_view port = authority.substr(host_end + 1);
  if (!absl::SimpleAtoi(port, &site.port) || site.port > 65535) site.port = 0;
}

bool Matches(const Site& rule, const Site& origin) {
  if (!rule.scheme.empty() && rule.scheme != origin.scheme) return false;
  if (rule.port != 0 && rule.port != origin.port) return false;
  absl::string_view host = rule.host;
  if (!absl::ConsumePrefix(&host, "*.")) return rule.host == origin.host;
  return origin.host == host ||
         absl::EndsWith(origin.host, absl::StrCat(".", host));
}

}  // namespace

Site Site::Parse(absl::string_view uri) {
  Site site;
  const size_t colon = uri.find(':');
  if (colon != absl::string_view::npos && IsScheme(uri.substr(0, colon))) {
    site.scheme = absl::AsciiStrToLower(uri.substr(0, colon));
    uri.remove_prefix(colon + 1);
  }
  if (absl::ConsumePrefix(&uri, "//")) {
    ParseAuthority(uri.substr(0, uri.find_first_of("/?#")), site);
  }
  if (site.port == 0) site.port = DefaultPort(site.scheme);
  return site;
}

absl::StatusOr<OriginCheck> OriginCheck::Create(const CheckOrigin& options,
                                                bool founding_alone) {
  OriginCheck check;
  check.mode_ = options.mode;
  if (options.mode == CheckOrigin::Mode::kUnset) {
    check.mode_ =
        founding_alone ? CheckOrigin::Mode::kOff : CheckOrigin::Mode::kConn;
  }
  check.url_host_ = options.url_host;
  for (const std::string& text : options.list) {
    Site rule = Site::Parse(text);
    if (rule.host.empty() || rule.host == "*.") {
      return absl::InvalidArgumentError(
          absl::StrCat("check_origin: \"", text,
                       "\" names no host; expected https://example.com, "
                       "//example.com or //*.example.com"));
    }
    check.rules_.push_back(std::move(rule));
  }
  return check;
}

bool OriginCheck::Allows(absl::optional<absl::string_view> origin,
                         const Site& conn) const {
  if (!origin.has_value() || mode_ == CheckOrigin::Mode::kOff) return true;
  const Site site = Site::Parse(*origin);
  // `null`, `file://`, nothing at all: what has no host is from nowhere.
  if (site.host.empty()) return false;
  switch (mode_) {
    case CheckOrigin::Mode::kHost:
      return url_host_.empty() || site.host == url_host_;
    case CheckOrigin::Mode::kList:
      return absl::c_any_of(
          rules_, [&site](const Site& rule) { return Matches(rule, site); });
    default:
      return site.scheme == conn.scheme && site.host == conn.host &&
             site.port == conn.port;
  }
}

}  // namespace aerie::edge
