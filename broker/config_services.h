#ifndef AERIE_BROKER_CONFIG_SERVICES_H_
#define AERIE_BROKER_CONFIG_SERVICES_H_

#include "broker/options.h"
#include "common/config/schema.h"

namespace aerie::broker {

// Binds the keys that say where the broker's gRPC port is, and who may call it.
// One thread, at start.
void BindGrpc(config::Section& root, Options& options);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CONFIG_SERVICES_H_
