#ifndef AERIE_BROKER_AUTH_JWT_RULE_H_
#define AERIE_BROKER_AUTH_JWT_RULE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/auth/claim_template.h"
#include "broker/auth/connect_rule.h"
#include "broker/auth/jwt.h"
#include "broker/auth/key_store.h"
#include "broker/auth/token_error.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "common/clock.h"

namespace aerie::broker {

// Lets in who shows a valid JSON Web Token: as the connection's auth token, or
// else in a param. Its claims become the socket's id, assigns and grant. Others
// are answered 403 and counted by their TokenError. Looks at a JWKS file once a
// second at most.
class JwtRule final : public ConnectRule {
 public:
  // Reads the keys. INVALID_ARGUMENT or NOT_FOUND says what can't be used.
  static absl::StatusOr<std::unique_ptr<JwtRule>> Create(
      const JwtOptions& options, const Limits& limits, const Clock& clock,
      Metrics& metrics);

  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override;

 private:
  // `user:{sub}:*`: a topic, or the start of topics.
  struct TopicRule {
    ClaimTemplate text;
    bool prefix;
  };

  JwtRule(const JwtOptions& options, const Limits& limits, const Clock& clock,
          Metrics& metrics);

  absl::Status AddAssign(const std::string& name, absl::string_view text);
  absl::Status AddTopic(absl::string_view pattern);

  absl::string_view TokenOf(const v1::Connect& request) const;
  std::variant<Admission, TokenError> Admit(absl::string_view token);
  std::variant<GrantPtr, TokenError> GrantOf(const Jwt& jwt) const;
  std::string AssignsOf(const nlohmann::json& claims) const;

  const std::string param_;
  const ClaimRules rules_;
  const Limits& limits_;
  const Clock& clock_;
  Metrics& metrics_;
  std::unique_ptr<KeyStore> keys_;
  ClaimTemplate socket_id_;
  std::vector<std::pair<std::string, ClaimTemplate>> assigns_;
  std::vector<TopicRule> topics_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_JWT_RULE_H_
