#ifndef AERIE_BROKER_HOSTS_ATTACHED_SPREAD_H_
#define AERIE_BROKER_HOSTS_ATTACHED_SPREAD_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "broker/channel/socket.h"
#include "broker/hosts/attached/attached_host.h"

namespace aerie::broker {

// The host of a new channel; null when there is none. By topic and by socket
// it is the one with the highest score for it (rendezvous hashing): a host that
// comes or goes moves only its own share. Any thread.
const AttachedHostPtr* Choose(const std::vector<AttachedHostPtr>& hosts,
                              Spread spread, absl::string_view topic,
                              const Socket& socket);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_SPREAD_H_
