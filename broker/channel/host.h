#ifndef AERIE_BROKER_CHANNEL_HOST_H_
#define AERIE_BROKER_CHANNEL_HOST_H_

#include <string>
#include <variant>
#include <vector>

#include "broker/channel/exit_reason.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

// A payload: JSON text (an object, unless it answers a ref) or bytes. Empty
// text means `{}`.
struct Payload {
  std::string bytes;
  bool binary = false;
};

// What a host does, as values. A host gives them back from a callback, or posts
// them to Shards later; the shard applies them in order.

// Answers Join, once.
struct Joined {
  bool ok = true;
  Payload response;
  // Events that the channel wants through Host::Out, beside the route's.
  std::vector<std::string> intercepts;
};
// The join callback raised, or answered what can't be understood.
struct JoinCrashed {};
// Answers the client's message that carried `ref`, now or at any later time.
struct Reply {
  std::string ref;  // As v1::Message.ref.
  std::string status = "ok";
  Payload response;
};
// An event to the channel's own client.
struct Push {
  std::string event;
  Payload payload;
};
// An event to every channel of the topic.
struct Broadcast {
  std::string event;
  Payload payload;
  bool except_self = false;  // broadcast_from
};
// Ends the channel: kStopNormal, kStopShutdown, or kCrash for any other reason
// and for a callback that raised. Terminate follows, but after kCrash.
struct Stop {
  ExitReason reason = ExitReason::kStopNormal;
};
// Answers Terminate(kLeft) before terminate runs.
struct Left {};
// Answers Terminate: nothing of this channel follows.
struct TerminateAck {};
// Ends every connection of a socket id. `pid` of the action does not matter.
struct Disconnect {
  std::string socket_id;
};

struct Action {
  Pid pid;
  std::variant<Joined, JoinCrashed, Reply, Push, Broadcast, Stop, Left,
               TerminateAck, Disconnect>
      what;
};
using Actions = std::vector<Action>;

// Where the callbacks of some routes' channels run. Phoenix: the channel
// module. Called on the loop of the channel's shard, in the channel's order.
// Must not block. What a callback does is appended to `out`, or posted later;
// a host that is elsewhere appends nothing.
class Host {
 public:
  virtual ~Host() = default;

  // Answered by Joined or JoinCrashed, within the join deadline.
  virtual void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
                    Actions& out) = 0;

  // An event of the client (handle_in).
  virtual void In(Pid pid, const v1::Message& message, Actions& out) = 0;

  // A broadcast of an intercepted event (handle_out).
  virtual void Out(Pid pid, const v1::Message& broadcast, Actions& out) = 0;

  // The channel is ending. Answered by TerminateAck, behind what the terminate
  // hook pushes; for kLeft by Left first. Channels that crashed by themselves
  // get no Terminate; those whose host is lost can't.
  virtual void Terminate(Pid pid, ExitReason reason, Actions& out) = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_HOST_H_
