#ifndef AERIE_BROKER_AUTH_BUILT_IN_RULES_H_
#define AERIE_BROKER_AUTH_BUILT_IN_RULES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/auth/connect_rule.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "common/clock.h"

namespace aerie::broker {

// Lets everybody in. For development, and for places where something else keeps
// strangers out.
class AllowRule final : public ConnectRule {
 public:
  // The connect param named so becomes the socket id; empty: there are none.
  explicit AllowRule(std::string socket_id_param);

  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override;

 private:
  const std::string socket_id_param_;
};

// Lets in who shows one of some tokens: as the connection's auth token, or else
// in the param `token`. Others are answered 403. Keeps digests only, and
// compares with all of them in constant time.
class TokenRule final : public ConnectRule {
 public:
  void Add(absl::string_view token, Admission admission);

  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override;

 private:
  struct Entry {
    std::string digest;
    Admission admission;
  };

  std::vector<Entry> entries_;
};

// The rule that the options ask for. Reads files of tokens and keys; what else
// is given outlives the rule.
absl::StatusOr<std::unique_ptr<ConnectRule>> MakeConnectRule(
    const ConnectOptions& options, const Limits& limits, const Clock& clock,
    Metrics& metrics);

// What is wrong with one rule's options, if anything. Reads the same files.
absl::Status CheckRule(const RuleOptions& options);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_BUILT_IN_RULES_H_
