#ifndef AERIE_BROKER_AUTH_MOUNT_RULES_H_
#define AERIE_BROKER_AUTH_MOUNT_RULES_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "broker/auth/connect_rule.h"

namespace aerie::broker {

// Asks the rule of the client's mount, and for other mounts one for all of
// them. Phoenix: each `socket "/path", Module` has a module of its own.
class MountRules final : public ConnectRule {
 public:
  explicit MountRules(std::unique_ptr<ConnectRule> others)
      : others_(std::move(others)) {}

  // Before the first client.
  void Add(std::string mount, std::unique_ptr<ConnectRule> rule) {
    by_mount_[std::move(mount)] = std::move(rule);
  }

  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    const auto found = by_mount_.find(request.mount());
    ConnectRule& rule = found == by_mount_.end() ? *others_ : *found->second;
    rule.Decide(request, std::move(answer));
  }

 private:
  const std::unique_ptr<ConnectRule> others_;
  std::map<std::string, std::unique_ptr<ConnectRule>> by_mount_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_MOUNT_RULES_H_
