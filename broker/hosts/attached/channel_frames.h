#ifndef AERIE_BROKER_HOSTS_ATTACHED_CHANNEL_FRAMES_H_
#define AERIE_BROKER_HOSTS_ATTACHED_CHANNEL_FRAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/host.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/channel_host.pb.h"
#include "proto/aerie/v1/message.pb.h"
#include "proto/aerie/v1/payload.pb.h"

// The shards' words in those of ChannelHost, and back. Pure functions.
namespace aerie::broker {

v1::ChannelFrame JoinFrame(Pid pid, const Socket& socket,
                           const v1::Message& join, absl::string_view pattern);
v1::ChannelFrame InFrame(Pid pid, const v1::Message& event);
v1::ChannelFrame OutFrame(Pid pid, const v1::Message& broadcast);
v1::ChannelFrame InfoFrame(Pid pid, const v1::Message& message);

// A reason that a host may stop with; false for any other.
bool FromProto(v1::ExitReason reason, ExitReason* stop);

Reply TakeReply(v1::HostFrame::Reply* reply);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_CHANNEL_FRAMES_H_
