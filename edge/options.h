#ifndef AERIE_EDGE_OPTIONS_H_
#define AERIE_EDGE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "common/log.h"
#include "common/rpc/client_credentials.h"
#include "edge/limits.h"
#include "edge/transport/options.h"

namespace aerie::edge {

// All that an edge can be told. Without a file, flag or environment variable
// these defaults hold; edge/options.cc binds them to keys.
struct Options {
  // What brokers and logs call this edge; empty: the host's name.
  std::string name;
  ListenerOptions listener;
  // A gRPC target: `host:port`, or `dns:///name:port`, whose addresses are
  // taken in turn, one for each new link.
  std::string broker = "127.0.0.1:4010";
  // What the edge shows to brokers.
  rpc::ClientCredentialOptions credentials;
  std::string admin_address = "127.0.0.1:4001";  // Port 0: any free one.
  // From SIGTERM to the last closed socket.
  uint32_t drain_window_ms = 30'000;
  Limits limits;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_OPTIONS_H_
