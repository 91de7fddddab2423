#ifndef AERIE_BROKER_HOSTS_ATTACHED_TESTING_HOST_FRAMES_H_
#define AERIE_BROKER_HOSTS_ATTACHED_TESTING_HOST_FRAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proto/aerie/v1/channel_host.pb.h"

// What a host says, and what it hears as text.
namespace aerie::broker {

v1::HostFrame Registration(const std::string& name,
                           const std::vector<std::string>& patterns,
                           uint32_t capacity = 0);

v1::HostFrame JoinOk(uint64_t channel, const std::string& payload = "",
                     const std::vector<std::string>& intercepts = {});
v1::HostFrame JoinError(uint64_t channel, const std::string& payload);
v1::HostFrame JoinCrash(uint64_t channel);
v1::HostFrame ReplyTo(uint64_t channel, const std::string& ref,
                      const std::string& payload = "");
v1::HostFrame PushTo(uint64_t channel, const std::string& event,
                     const std::string& payload = "");
v1::HostFrame BroadcastFrom(uint64_t channel, const std::string& event,
                            const std::string& topic = "",
                            bool except_self = false);
v1::HostFrame StopWith(uint64_t channel, v1::ExitReason reason);
v1::HostFrame Leaves(uint64_t channel);
v1::HostFrame Terminates(uint64_t channel, const std::string& event_id = "");
v1::HostFrame Assigns(uint64_t channel, const std::string& assigns);
v1::HostFrame Done(uint32_t callbacks);
v1::HostFrame SendTo(uint64_t to, const std::string& event);
v1::HostFrame Disconnects(const std::string& socket_id);
v1::HostFrame ConnectOk(uint64_t id, const std::string& socket_id);
v1::HostFrame ConnectRefused(uint64_t id, uint32_t status);
v1::HostFrame DrainFor(uint32_t window_ms);

// A line for each frame:
//
//   attached 1024                      capacity
//   join 1 room:a {"x":1}              channel, topic, payload
//   in 1 said "2" {}                   ..., event, ref, payload
//   out 1 tick {}, info 1 tick {}
//   terminate 1 left room:a {}         ..., reason, topic, assigns
//   terminate 1 host_lost room:a {} redelivered
//   connect 1 /socket
//   draining, drained
std::string Line(const v1::ChannelFrame& frame);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_TESTING_HOST_FRAMES_H_
