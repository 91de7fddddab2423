#include "broker/auth/built_in_rules.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "proto/phoenix/json_string.h"

namespace aerie::broker {
namespace {

constexpr char kTokenParam[] = "token";

// The value of a param; of several, the last one counts.
absl::string_view Param(const v1::Connect& request, absl::string_view name) {
  for (int i = request.params_size() - 1; i >= 0; --i) {
    if (request.params(i).name() == name) return request.params(i).value();
  }
  return absl::string_view();
}

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

}  // namespace

AllowRule::AllowRule(std::string socket_id_param)
    : socket_id_param_(std::move(socket_id_param)) {}

void AllowRule::Decide(const v1::Connect& request,
                       absl::AnyInvocable<void(ConnectVerdict)> answer) {
  Admission admission;
  if (!socket_id_param_.empty()) {
    const absl::string_view id = Param(request, socket_id_param_);
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
                                 : Param(request, kTokenParam));
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
    const ConnectOptions& options) {
  if (options.rule == ConnectOptions::Rule::kAllow) {
    return std::make_unique<AllowRule>(options.socket_id_param);
  }
  auto rule = std::make_unique<TokenRule>();
  for (const TokenOptions& entry : options.tokens) {
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

}  // namespace aerie::broker
