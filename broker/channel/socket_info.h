#ifndef AERIE_BROKER_CHANNEL_SOCKET_INFO_H_
#define AERIE_BROKER_CHANNEL_SOCKET_INFO_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/payload.pb.h"

// A socket, as services see it. Any thread.
namespace aerie::broker {

// `<edge>/<number>`: names the connection for as long as it lasts.
std::string SocketKey(const Socket& socket);

// Splits a key; false when it is none.
bool ParseSocketKey(absl::string_view key, absl::string_view* edge,
                    uint64_t* number);

// Key, id and assigns.
void Describe(const Socket& socket, v1::SocketInfo* info);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_SOCKET_INFO_H_
