#include "broker/auth/jwt.h"

#include <algorithm>
#include <utility>

#include "absl/types/optional.h"
#include "broker/auth/jws.h"
#include "broker/auth/strict_json.h"

namespace aerie::broker {
namespace {

using nlohmann::json;

// Seconds since 1970, maybe with a fraction (section 2: NumericDate).
absl::Time TimeOf(const json& date) {
  return absl::UnixEpoch() + absl::Seconds(date.get<double>());
}

// `exp`, `nbf` and `iat`. Sets the token's end.
absl::optional<TokenError> CheckTimes(const ClaimRules& rules, absl::Time now,
                                      Jwt& jwt) {
  const json& claims = jwt.claims;
  for (const char* name : {"exp", "nbf", "iat"}) {
    const auto date = claims.find(name);
    if (date != claims.end() && !date->is_number()) {
      return TokenError::kMalformed;
    }
  }
  if (const auto date = claims.find("exp"); date != claims.end()) {
    jwt.expires = TimeOf(*date) + rules.leeway;
  } else if (rules.expiry_required) {
    return TokenError::kNoExpiry;
  }
  if (now >= jwt.expires) return TokenError::kExpired;
  if (const auto date = claims.find("nbf");
      date != claims.end() && now + rules.leeway < TimeOf(*date)) {
    return TokenError::kNotYetValid;
  }
  if (const auto date = claims.find("iat");
      date != claims.end() && now + rules.leeway < TimeOf(*date)) {
    return TokenError::kIssuedLater;
  }
  return absl::nullopt;
}

bool Names(const json& audience, const std::vector<std::string>& ours) {
  const auto* const name = audience.get_ptr<const std::string*>();
  return name != nullptr &&
         std::find(ours.begin(), ours.end(), *name) != ours.end();
}

// One of `aud`, which is a text or a list of texts, is one of ours.
bool ForUs(const json& claims, const std::vector<std::string>& ours) {
  const auto audience = claims.find("aud");
  if (audience == claims.end()) return ours.empty();
  if (!audience->is_array()) return Names(*audience, ours);
  return std::any_of(audience->begin(), audience->end(),
                     [&ours](const json& one) { return Names(one, ours); });
}

}  // namespace

std::variant<Jwt, TokenError> VerifyJwt(absl::string_view token,
                                        const JwsKeys& keys,
                                        const ClaimRules& rules, absl::Time now,
                                        uint32_t bytes_max) {
  const auto payload = VerifyJws(token, keys, bytes_max);
  if (const auto* error = std::get_if<TokenError>(&payload)) return *error;
  absl::optional<json> claims = ParseJsonObject(std::get<std::string>(payload));
  if (!claims.has_value()) return TokenError::kMalformed;
  Jwt jwt = {.claims = *std::move(claims)};
  if (const auto error = CheckTimes(rules, now, jwt)) return *error;
  if (!rules.issuer.empty()) {
    const std::string* const issuer = FindText(jwt.claims, "iss");
    if (issuer == nullptr || *issuer != rules.issuer) {
      return TokenError::kIssuer;
    }
  }
  if (!ForUs(jwt.claims, rules.audience)) return TokenError::kAudience;
  return jwt;
}

}  // namespace aerie::broker
