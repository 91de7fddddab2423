#ifndef AERIE_BROKER_BROKER_MAIN_H_
#define AERIE_BROKER_BROKER_MAIN_H_

#include "broker/hosts/registry.h"

namespace aerie::broker {

// The main function of a broker whose routes may name the hosts of `hosts`:
// reads the configuration, serves until SIGTERM or SIGINT, drains. A second
// signal ends the process at once. The process' exit status.
int BrokerMain(int argc, char** argv, const HostRegistry& hosts);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_BROKER_MAIN_H_
