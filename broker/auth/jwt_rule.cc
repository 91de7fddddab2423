#include "broker/auth/jwt_rule.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "broker/auth/connect_params.h"
#include "common/log.h"

namespace aerie::broker {
namespace {

using nlohmann::json;

// Of a key of the configuration.
absl::Status Blame(absl::string_view key, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(key, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<JwtRule>> JwtRule::Create(
    const JwtOptions& options, const Limits& limits, const Clock& clock,
    Metrics& metrics) {
  std::unique_ptr<JwtRule> rule(new JwtRule(options, limits, clock, metrics));
  absl::StatusOr<std::unique_ptr<KeyStore>> keys =
      KeyStore::Create(options, limits, clock, metrics);
  if (!keys.ok()) return keys.status();
  rule->keys_ = *std::move(keys);
  absl::StatusOr<ClaimTemplate> id = ClaimTemplate::Parse(options.socket_id);
  if (!id.ok()) return Blame("socket_id", id.status());
  rule->socket_id_ = *std::move(id);
  absl::Status status;
  for (const auto& [name, text] : options.assigns) {
    status = rule->AddAssign(name, text);
    if (!status.ok()) return Blame("assigns", status);
  }
  for (const std::string& pattern : options.topics) {
    status = rule->AddTopic(pattern);
    if (!status.ok()) return Blame("topics", status);
  }
  return rule;
}

JwtRule::JwtRule(const JwtOptions& options, const Limits& limits,
                 const Clock& clock, Metrics& metrics)
    : param_(options.param),
      rules_{.issuer = options.issuer,
             .audience = options.audience,
             .leeway = absl::Milliseconds(options.leeway_ms),
             .expiry_required = options.expiry_required},
      limits_(limits),
      clock_(clock),
      metrics_(metrics) {}

absl::Status JwtRule::AddAssign(const std::string& name,
                                absl::string_view text) {
  absl::StatusOr<ClaimTemplate> value = ClaimTemplate::Parse(text);
  if (!value.ok()) return value.status();
  assigns_.emplace_back(name, *std::move(value));
  return absl::OkStatus();
}

absl::Status JwtRule::AddTopic(absl::string_view pattern) {
  absl::string_view text = pattern;
  const bool prefix = absl::ConsumeSuffix(&text, "*");
  if (absl::StrContains(text, '*')) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", pattern, "\": a `*` stands at the end only"));
  }
  absl::StatusOr<ClaimTemplate> made = ClaimTemplate::Parse(text);
  if (!made.ok()) return made.status();
  topics_.push_back({*std::move(made), prefix});
  return absl::OkStatus();
}

void JwtRule::Decide(const v1::Connect& request,
                     absl::AnyInvocable<void(ConnectVerdict)> answer) {
  std::variant<Admission, TokenError> verdict = Admit(TokenOf(request));
  if (auto* admission = std::get_if<Admission>(&verdict)) {
    return answer(std::move(*admission));
  }
  const TokenError error = std::get<TokenError>(verdict);
  metrics_.tokens_refused[static_cast<size_t>(error)]->Increment();
  log::Debug("token refused", {{"reason", TokenErrorName(error)}});
  answer(Denial{});
}

absl::string_view JwtRule::TokenOf(const v1::Connect& request) const {
  if (request.has_token()) return request.token();
  return param_.empty() ? absl::string_view() : ConnectParam(request, param_);
}

std::variant<Admission, TokenError> JwtRule::Admit(absl::string_view token) {
  const std::variant<Jwt, TokenError> verified = VerifyJwt(
      token, *keys_->Keys(), rules_, clock_.Now(), limits_.token_bytes_max);
  if (const auto* error = std::get_if<TokenError>(&verified)) return *error;
  const Jwt& jwt = std::get<Jwt>(verified);
  absl::optional<std::string> socket_id = socket_id_.Text(jwt.claims);
  if (!socket_id.has_value()) return TokenError::kClaimMissing;
  std::variant<GrantPtr, TokenError> grant = GrantOf(jwt);
  if (const auto* error = std::get_if<TokenError>(&grant)) return *error;
  return Admission{.socket_id = *std::move(socket_id),
                   .assigns = AssignsOf(jwt.claims),
                   .grant = std::get<GrantPtr>(std::move(grant))};
}

std::variant<GrantPtr, TokenError> JwtRule::GrantOf(const Jwt& jwt) const {
  auto grant = std::make_shared<Grant>();
  grant->expires = jwt.expires;
  for (const TopicRule& rule : topics_) {
    std::vector<std::string>& other =
        rule.prefix ? grant->topics : grant->prefixes;
    std::vector<std::string>& texts =
        rule.prefix ? grant->prefixes : grant->topics;
    if (other.size() > limits_.grant_topics_max ||
        !rule.text.Texts(jwt.claims, limits_.grant_topics_max - other.size(),
                         &texts)) {
      return TokenError::kTooManyTopics;
    }
  }
  return GrantPtr(std::move(grant));
}

// What needs a claim that is missing is left out.
std::string JwtRule::AssignsOf(const json& claims) const {
  json assigns = json::object();
  for (const auto& [name, value] : assigns_) {
    absl::optional<json> found = value.Value(claims);
    if (found.has_value()) assigns[name] = *std::move(found);
  }
  if (assigns.empty()) return std::string();
  return assigns.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace aerie::broker
