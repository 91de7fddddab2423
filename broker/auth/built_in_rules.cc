#include "broker/auth/built_in_rules.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/auth/connect_params.h"
#include "broker/auth/jwt_rule.h"
#include "broker/auth/mount_rules.h"
#include "common/metrics.h"
#include "proto/phoenix/json_string.h"

namespace aerie::broker {
namespace {

constexpr char kTokenParam[] = "token";

std::string Sha256(absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &bytes, EVP_sha256(),
                 nullptr) != 1) {
    return std::string();
  }
  return std::string(reinterpret_cast<const char*>(digest), bytes);
}

absl::StatusOr<std::string> TokenOf(const TokenOptions& options) {
  if (options.token_file.empty()) return options.token;
  std::ifstream in(options.token_file, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", options.token_file));
  }
  std::string token{std::istreambuf_iterator<char>(in),
                    std::istreambuf_iterator<char>()};
  if (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

std::string AssignsJson(const std::map<std::string, std::string>& assigns) {
  if (assigns.empty()) return std::string();
  std::string json;
  for (const auto& [name, value] : assigns) {
    json += json.empty() ? '{' : ',';
    phoenix::AppendJsonString(name, &json);
    json += ':';
    phoenix::AppendJsonString(value, &json);
  }
  json += '}';
  return json;
}

absl::StatusOr<std::unique_ptr<ConnectRule>> MakeTokenRule(
    const std::vector<TokenOptions>& tokens) {
  auto rule = std::make_unique<TokenRule>();
  for (const TokenOptions& entry : tokens) {
    const absl::StatusOr<std::string> token = TokenOf(entry);
    if (!token.ok()) return token.status();
    // Nothing at all must never be a way in.
    if (token->empty()) {
      return absl::InvalidArgumentError("connect.tokens: an empty token");
    }
    rule->Add(*token, {entry.socket_id, AssignsJson(entry.assigns)});
  }
  return rule;
}

absl::StatusOr<std::unique_ptr<ConnectRule>> MakeRule(
    const RuleOptions& options, const Limits& limits, const Clock& clock,
    Metrics& metrics) {
  switch (options.rule) {
    case RuleOptions::Rule::kAllow:
      return std::make_unique<AllowRule>(options.socket_id_param);
    case RuleOptions::Rule::kTokens:
      return MakeTokenRule(options.tokens);
    case RuleOptions::Rule::kJwt:
      return JwtRule::Create(options.jwt, limits, clock, metrics);
  }
  return absl::InternalError("no such rule");
}

}  // namespace

AllowRule::AllowRule(std::string socket_id_param)
    : socket_id_param_(std::move(socket_id_param)) {}

void AllowRule::Decide(const v1::Connect& request,
                       absl::AnyInvocable<void(ConnectVerdict)> answer) {
  Admission admission;
  if (!socket_id_param_.empty()) {
    const absl::string_view id = ConnectParam(request, socket_id_param_);
    admission.socket_id.assign(id.data(), id.size());
  }
  answer(std::move(admission));
}

void TokenRule::Add(absl::string_view token, Admission admission) {
  entries_.push_back({Sha256(token), std::move(admission)});
}

void TokenRule::Decide(const v1::Connect& request,
                       absl::AnyInvocable<void(ConnectVerdict)> answer) {
  const std::string digest =
      Sha256(request.has_token() ? absl::string_view(request.token())
                                 : ConnectParam(request, kTokenParam));
  const Admission* admission = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.digest.size() == digest.size() &&
        CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) {
      admission = &entry.admission;
    }
  }
  if (admission == nullptr) return answer(Denial{});
  answer(*admission);
}

absl::StatusOr<std::unique_ptr<ConnectRule>> MakeConnectRule(
    const ConnectOptions& options, const Limits& limits, const Clock& clock,
    Metrics& metrics) {
  absl::StatusOr<std::unique_ptr<ConnectRule>> rule =
      MakeRule(options, limits, clock, metrics);
  if (!rule.ok() || options.mounts.empty()) return rule;
  auto rules = std::make_unique<MountRules>(*std::move(rule));
  for (const MountRuleOptions& mount : options.mounts) {
    absl::StatusOr<std::unique_ptr<ConnectRule>> own =
        MakeRule(mount, limits, clock, metrics);
    if (!own.ok()) return own.status();
    rules->Add(mount.path, *std::move(own));
  }
  return rules;
}

absl::Status CheckRule(const RuleOptions& options) {
  const Limits limits;
  MetricsRegistry registry;
  Metrics metrics(registry);
  return MakeRule(options, limits, Clock::Real(), metrics).status();
}

}  // namespace aerie::broker
