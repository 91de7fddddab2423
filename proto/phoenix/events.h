#ifndef AERIE_PROTO_PHOENIX_EVENTS_H_
#define AERIE_PROTO_PHOENIX_EVENTS_H_

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

// The names that Phoenix reserves on the wire. Phoenix: Phoenix.Socket,
// Phoenix.Channel.Server.
namespace aerie::phoenix {

inline constexpr absl::string_view kPhxJoin = "phx_join";
inline constexpr absl::string_view kPhxLeave = "phx_leave";
inline constexpr absl::string_view kPhxReply = "phx_reply";
inline constexpr absl::string_view kPhxClose = "phx_close";
inline constexpr absl::string_view kPhxError = "phx_error";
inline constexpr absl::string_view kHeartbeat = "heartbeat";
inline constexpr absl::string_view kDisconnect = "disconnect";

// The topic of heartbeats; never joined unless a route declares it.
inline constexpr absl::string_view kPhoenixTopic = "phoenix";

// Whether a client only asks if somebody is there.
inline bool IsHeartbeat(absl::string_view topic, absl::string_view event) {
  return event == kHeartbeat && topic == kPhoenixTopic;
}

// Whether built-in hosts refuse `event` from a client.
inline bool IsReservedEvent(absl::string_view event) {
  return absl::StartsWith(event, "phx_") ||
         absl::StartsWith(event, "presence_") || event == kDisconnect;
}

}  // namespace aerie::phoenix

#endif  // AERIE_PROTO_PHOENIX_EVENTS_H_
