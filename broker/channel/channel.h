#ifndef AERIE_BROKER_CHANNEL_CHANNEL_H_
#define AERIE_BROKER_CHANNEL_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "broker/channel/exit_reason.h"
#include "broker/channel/host.h"
#include "broker/channel/pid.h"
#include "broker/channel/socket.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

struct Topic;

// One socket's membership of one topic, from phx_join to the last word of its
// host: what is known of it, and what it tells its client. The rules are the
// Shard's. Phoenix: Phoenix.Channel.Server, and the entry that Phoenix.Socket
// keeps of it. Lives on its Shard's loop. Others keep its Pid, never a pointer:
// any turn may end it.
struct Channel {
  enum class State : uint8_t {
    kJoining,  // The host has not answered Join; frames wait.
    kJoined,
    kLeaving,  // Terminate(kLeft) is at the host: Left is due.
    kClosing,  // Terminate is at the host; the exit is told after its ack.
    kEnding,   // The topic is free again; TerminateAck is due.
  };

  // Who still hears what the host says.
  enum class Voice : uint8_t {
    kAll,     // Its client, and by broadcasts the topic.
    kOthers,  // The topic: its client is gone.
    kNobody,  // A second join has taken its place, or its join failed.
  };

  // What is only known while a join or a leave is under way.
  struct Transition {
    std::string ref;  // Of phx_join, then of phx_leave.
    // What the join's route intercepts: routes may change meanwhile.
    std::vector<std::string> intercepts;
    // The frames behind the join, in order, and their bytes.
    std::vector<v1::Message> waiting;
    uint64_t waiting_bytes = 0;
    // The recorded join_ref of the channel that this join replaces: its
    // phx_close follows the answer.
    absl::optional<std::string> replaced;
  };

  Channel(Pid pid, SocketPtr socket, Topic& topic,
          const std::string& topic_name, Host& host, const v1::Message& join);

  // The join_ref that was recorded for the connection, maybe null: in exits,
  // and what later messages must carry.
  absl::string_view recorded_join_ref() const {
    return join_ref_was_null ? absl::string_view()
                             : absl::string_view(join_ref);
  }

  // Whether `message` is meant for another join of this topic. Phoenix hands
  // over a message without join_ref, and drops one with any other.
  bool Stale(const v1::Message& message) const {
    return !message.join_ref().empty() &&
           message.join_ref() != recorded_join_ref();
  }

  // To its client, unless nobody hears it any more.
  void SendJoined(Joined joined);
  void SendJoinFailed(v1::Message::Kind kind);
  void SendReply(Reply reply);
  void SendPush(Push push);
  void SendLeft();
  void SendExit(ExitReason reason);
  void SendReplacedExit();

  // To its edge: what it must know for broadcasts.
  void SendEnlist();
  void SendDelist();

  const Pid pid;
  const SocketPtr socket;
  Topic& topic;
  const std::string& topic_name;  // The Topic's own.
  Host& host;
  // The join_ref of pushes and replies: that of the join, or its ref when that
  // was null.
  std::string join_ref;
  bool join_ref_was_null;

  State state = State::kJoining;
  Voice voice = Voice::kAll;
  // Whether it stands for its topic in the socket's map.
  bool mapped = false;
  // Whether it hears broadcasts.
  bool enlisted = false;
  // Whether the host has been told to terminate it.
  bool terminating = false;
  // Why it ends, once it does.
  ExitReason exit = ExitReason::kCrash;

  // The topic's group that it belongs to while enlisted, and where it stands
  // among the group's members.
  uint32_t group = 0;
  uint32_t group_index = 0;

  // The loop's timer for what the host owes; {0, 0} when it owes nothing.
  std::pair<int64_t, uint64_t> timer{0, 0};
  std::unique_ptr<Transition> transition;

  // The socket's other channels on this shard.
  Channel* previous = nullptr;
  Channel* next = nullptr;

 private:
  v1::BrokerFrame Frame() const;
  v1::BrokerFrame Frame(v1::Message::Kind kind) const;
  void Send(v1::BrokerFrame frame);
};

// Puts a payload where the message keeps it.
void SetPayload(Payload payload, v1::Message* message);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_CHANNEL_H_
