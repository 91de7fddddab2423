#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECT_RULE_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECT_RULE_H_

#include "broker/auth/connect_rule.h"
#include "broker/hosts/attached/attached_hosts.h"

namespace aerie::broker {

// Has attached hosts decide who may open a socket; the configured rule while
// there is none that wants to. Any thread.
class HostConnectRule final : public ConnectRule {
 public:
  // Both outlive it.
  HostConnectRule(AttachedHosts& hosts, ConnectRule& configured)
      : hosts_(hosts), configured_(configured) {}

  void Decide(const v1::Connect& request,
              absl::AnyInvocable<void(ConnectVerdict)> answer) override {
    if (!hosts_.decides_connects()) {
      return configured_.Decide(request, std::move(answer));
    }
    hosts_.Connect(request, std::move(answer), configured_);
  }

 private:
  AttachedHosts& hosts_;
  ConnectRule& configured_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECT_RULE_H_
