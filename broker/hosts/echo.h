#ifndef AERIE_BROKER_HOSTS_ECHO_H_
#define AERIE_BROKER_HOSTS_ECHO_H_

#include <memory>

#include "absl/status/statusor.h"
#include "broker/hosts/built_in.h"
#include "broker/options.h"

namespace aerie::broker {

// Answers every event with status ok and its own payload, bytes as bytes.
class Echo final : public BuiltInHost {
 public:
  // INVALID_ARGUMENT when the route has options: there are none.
  static absl::StatusOr<std::shared_ptr<Host>> Make(const RouteOptions& route);

 private:
  void Handle(Pid pid, const v1::Message& event, Actions& out) override;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ECHO_H_
