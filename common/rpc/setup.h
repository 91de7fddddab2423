#ifndef AERIE_COMMON_RPC_SETUP_H_
#define AERIE_COMMON_RPC_SETUP_H_

#include <cstdint>

#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"

namespace aerie::rpc {

// One gRPC message, either way.
inline constexpr int kMessageBytesMax = 16 << 20;

struct ReconnectOptions {
  uint32_t min_ms = 200;
  uint32_t max_ms = 10'000;
};

// First thing in main, before any other thread: Debian's Abseil looks for
// deadlocks at each lock of gRPC's, which costs 3 to 8 % of its CPU.
void PrepareProcess();

// Message size and keepalive of every server of ours: pings of clients that
// `ClientArguments` allows are welcome, and peers that are gone are noticed
// within a minute or so.
void PrepareServer(grpc::ServerBuilder& builder);

// The same for clients, with the pace of reconnecting; round_robin over what
// the target's name resolves to.
grpc::ChannelArguments ClientArguments(const ReconnectOptions& reconnect = {});

}  // namespace aerie::rpc

#endif  // AERIE_COMMON_RPC_SETUP_H_
