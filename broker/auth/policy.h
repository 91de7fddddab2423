#ifndef AERIE_BROKER_AUTH_POLICY_H_
#define AERIE_BROKER_AUTH_POLICY_H_

#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// What a dialect means to shards. Phoenix: what Phoenix.Socket does in 1.8, and
// what Phoenix.Channel.Transport did in 0.11.
Policy PolicyOf(v1::Dialect dialect, const Limits& limits);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_POLICY_H_
