#ifndef AERIE_BROKER_CHANNEL_HOST_H_
#define AERIE_BROKER_CHANNEL_HOST_H_

#include <cstdint>
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

// Answers Join, once. What the channel says before it is dropped.
struct Joined {
  bool ok = true;
  Payload response;
  // Events that the channel wants through Host::Out, beside the route's.
  std::vector<std::string> intercepts;
};
// The join callback raised, or answered what can't be understood.
struct JoinCrashed {};
// Nobody can run the join just now: the client may try again.
struct JoinUnavailable {};
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
// Ends the channel: kStopNormal or kStopShutdown when a callback returned stop
// with them, kExitNormal when it exited normally without, kCrash for any other
// reason and for a callback that raised; kDraining when its host is to exit,
// kHostLost when it is gone. Terminate follows the first two and kDraining; in
// the others the host has seen the end itself.
struct Stop {
  ExitReason reason = ExitReason::kStopNormal;
};
// Answers Terminate(kLeft) before terminate runs.
struct Left {};
// Answers Terminate: nothing of this channel follows.
struct TerminateAck {};
// A message to a joined channel itself, whatever its host (handle_info). Others
// don't get it.
struct Info {
  std::string event;
  Payload payload;
};
// Ends every connection of a socket id. `pid` of the action does not matter.
struct Disconnect {
  std::string socket_id;
};

struct Action {
  Pid pid;
  std::variant<Joined, JoinCrashed, JoinUnavailable, Reply, Push, Broadcast,
               Stop, Left, TerminateAck, Info, Disconnect>
      what;
};
using Actions = std::vector<Action>;

// Where hosts post what they do outside their callbacks: Shards. Any thread.
class ActionSink {
 public:
  virtual ~ActionSink() = default;

  // In order, per channel. False when something was dropped because a shard's
  // inbox is full: the host must not go on as if it had been heard.
  [[nodiscard]] virtual bool Post(Actions actions) = 0;
};

// Where the callbacks of some routes' channels run. Phoenix: the channel
// module. Called on the loop of the channel's shard, in the channel's order; on
// several loops at once for channels of several shards. Must not block or
// throw. What a callback does is appended to `out`, or posted later;
// a host that is elsewhere appends nothing.
class Host {
 public:
  virtual ~Host() = default;

  // Before all else: pids will have shards from 0 to `shards` - 1, and what is
  // posted goes to `sink`, which outlives the threads that call the host.
  virtual void Start(uint32_t shards, ActionSink& sink) {
    (void)shards;
    (void)sink;
  }

  // Answered by Joined, JoinCrashed or JoinUnavailable within the join
  // deadline; after that by nothing: Terminate(kKilled) follows.
  virtual void Join(Pid pid, const SocketPtr& socket, const v1::Message& join,
                    Actions& out) = 0;

  // An event of the client (handle_in).
  virtual void In(Pid pid, const v1::Message& message, Actions& out) = 0;

  // A broadcast of an intercepted event (handle_out).
  virtual void Out(Pid pid, const v1::Message& broadcast, Actions& out) = 0;

  // A message to the channel itself (handle_info): event and payload. By
  // default it is ignored.
  virtual void Info(Pid pid, const v1::Message& message, Actions& out) {
    (void)pid;
    (void)message;
    (void)out;
  }

  // Who runs a joined channel, for people; empty when it is the host itself.
  virtual std::string NameOf(Pid pid) const {
    (void)pid;
    return {};
  }

  // The channel is ending; nothing else follows for `pid`. Answered by
  // TerminateAck, behind what the terminate hook pushes; for kLeft by Left
  // first. A channel gets it once, or never if it crashed by itself. It may
  // come before Join is answered: then it is meant for the channel that an ok
  // would make.
  virtual void Terminate(Pid pid, ExitReason reason, Actions& out) = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_HOST_H_
