#ifndef AERIE_BROKER_HOSTS_RELAY_H_
#define AERIE_BROKER_HOSTS_RELAY_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "broker/hosts/built_in.h"
#include "broker/options.h"

namespace aerie::broker {

// Broadcasts every event of a client to its topic, then answers it ok. Options:
//   from    `all` (default): the sender gets its own event too; `others`
//   events  names that are relayed; default: all that are not reserved
// Other events, and payloads that can't be broadcast, are answered with an
// error.
class Relay final : public BuiltInHost {
 public:
  // INVALID_ARGUMENT for options that can't be.
  static absl::StatusOr<std::shared_ptr<Host>> Make(const RouteOptions& route);

  // No `events`: all.
  Relay(bool to_sender, absl::flat_hash_set<std::string> events)
      : to_sender_(to_sender), events_(std::move(events)) {}

 private:
  void Handle(Pid pid, const v1::Message& event, Actions& out) override;

  const bool to_sender_;
  const absl::flat_hash_set<std::string> events_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_RELAY_H_
