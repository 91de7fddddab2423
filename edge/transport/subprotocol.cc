#include "edge/transport/subprotocol.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace aerie::edge {
namespace {

constexpr absl::string_view kTokenPrefix = "base64url.bearer.phx.";
constexpr absl::string_view kPhoenix = "phoenix";

// Despite the prefix, phoenix.js writes the standard alphabet; other clients
// take the prefix at its word. Both are read, padded or not.
absl::StatusOr<std::string> DecodeToken(absl::string_view encoded) {
  const std::string standard =
      absl::StrReplaceAll(encoded, {{"-", "+"}, {"_", "/"}});
  const bool plain = absl::c_all_of(standard, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
  });
  std::string token;
  if (!plain || !absl::Base64Unescape(standard, &token)) {
    return absl::InvalidArgumentError("auth token is not base64");
  }
  return token;
}

std::vector<absl::string_view> List(absl::string_view header) {
  std::vector<absl::string_view> list;
  for (absl::string_view item : absl::StrSplit(header, ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (!item.empty()) list.push_back(item);
  }
  return list;
}

// Takes the tokens out of `offered`; one is the client's, two are nobody's.
absl::StatusOr<absl::optional<std::string>> TakeToken(
    std::vector<absl::string_view>& offered) {
  const auto first_token = std::stable_partition(
      offered.begin(), offered.end(), [](absl::string_view item) {
        return !absl::StartsWith(item, kTokenPrefix);
      });
  absl::optional<std::string> token;
  if (offered.end() - first_token == 1) {
    absl::StatusOr<std::string> decoded =
        DecodeToken(absl::StripPrefix(*first_token, kTokenPrefix));
    if (!decoded.ok()) return decoded.status();
    token = *std::move(decoded);
  }
  offered.erase(first_token, offered.end());
  return token;
}

}  // namespace

absl::StatusOr<Subprotocol> ChooseSubprotocol(
    const absl::optional<std::string>& header, const MountOptions& mount) {
  Subprotocol subprotocol;
  if (!header.has_value()) return subprotocol;
  std::vector<absl::string_view> offered = List(*header);
  bool asks = true;
  if (mount.auth_token) {
    absl::StatusOr<absl::optional<std::string>> token = TakeToken(offered);
    if (!token.ok()) return token.status();
    subprotocol.token = *std::move(token);
    // A client that has offered a token alone asks for no subprotocol.
    asks = !offered.empty();
  }
  subprotocol.offered = absl::StrJoin(offered, ", ");

  std::vector<absl::string_view> served(mount.subprotocols.begin(),
                                        mount.subprotocols.end());
  if (mount.auth_token) served.insert(served.begin(), kPhoenix);
  if (served.empty() || !asks) return subprotocol;
  for (absl::string_view name : served) {
    if (absl::c_linear_search(offered, name)) {
      subprotocol.chosen = std::string(name);
      return subprotocol;
    }
  }
  return absl::PermissionDeniedError("no subprotocol in common");
}

}  // namespace aerie::edge
