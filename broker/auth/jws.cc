#include "broker/auth/jws.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "broker/auth/base64url.h"
#include "broker/auth/strict_json.h"

namespace aerie::broker {
namespace {

struct Header {
  std::string algorithm;
  absl::optional<std::string> kid;
};

std::variant<Header, TokenError> ParseHeader(absl::string_view part) {
  const absl::optional<std::string> text = DecodeBase64Url(part);
  if (!text.has_value()) return TokenError::kMalformed;
  const absl::optional<nlohmann::json> members = ParseJsonObject(*text);
  if (!members.has_value()) return TokenError::kMalformed;
  const std::string* const algorithm = FindText(*members, "alg");
  const std::string* const kid = FindText(*members, "kid");
  if (algorithm == nullptr || (kid == nullptr && members->contains("kid"))) {
    return TokenError::kMalformed;
  }
  if (members->contains("crit")) return TokenError::kCritical;
  Header header = {*algorithm, absl::nullopt};
  if (kid != nullptr) header.kid = *kid;
  return header;
}

// The keys that may have signed a token with this header.
std::variant<std::vector<const JwsKey*>, TokenError> Candidates(
    const Header& header, const JwsKeys& keys) {
  std::vector<const JwsKey*> named;
  for (const JwsKey& key : keys) {
    if (!header.kid.has_value() || key.kid() == *header.kid) {
      named.push_back(&key);
    }
  }
  if (named.empty() || (header.kid.has_value() && header.kid->empty())) {
    return TokenError::kUnknownKey;
  }
  const absl::optional<JwsAlgorithm> algorithm =
      FindJwsAlgorithm(header.algorithm);
  named.erase(std::remove_if(named.begin(), named.end(),
                             [&](const JwsKey* key) {
                               return key->algorithm() != algorithm;
                             }),
              named.end());
  if (named.empty()) return TokenError::kAlgorithm;
  return named;
}

}  // namespace

std::variant<std::string, TokenError> VerifyJws(absl::string_view token,
                                                const JwsKeys& keys,
                                                uint32_t bytes_max) {
  if (token.empty()) return TokenError::kMissing;
  if (token.size() > bytes_max) return TokenError::kTooLarge;
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return TokenError::kMalformed;
  const auto header = ParseHeader(parts[0]);
  if (const auto* error = std::get_if<TokenError>(&header)) return *error;
  const auto candidates = Candidates(std::get<Header>(header), keys);
  if (const auto* error = std::get_if<TokenError>(&candidates)) return *error;

  absl::optional<std::string> payload = DecodeBase64Url(parts[1]);
  const absl::optional<std::string> signature = DecodeBase64Url(parts[2]);
  if (!payload.has_value() || !signature.has_value()) {
    return TokenError::kMalformed;
  }
  const absl::string_view text =
      token.substr(0, parts[0].size() + 1 + parts[1].size());
  for (const JwsKey* key : std::get<std::vector<const JwsKey*>>(candidates)) {
    if (key->Verify(text, *signature)) return *std::move(payload);
  }
  return TokenError::kBadSignature;
}

}  // namespace aerie::broker
