#ifndef AERIE_BROKER_POLL_POLL_SESSION_H_
#define AERIE_BROKER_POLL_POLL_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/types/optional.h"
#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/poll/poll_asker.h"
#include "proto/aerie/v1/edge_link.pb.h"
#include "proto/aerie/v1/message.pb.h"

namespace aerie::broker {

// What the sessions of one loop share.
struct PollHome {
  const Limits& limits;
  Metrics& metrics;
  // Hands a client's message to its shard. Answered by Taken, behind what the
  // shard says of it.
  absl::AnyInvocable<void(const SocketPtr&, v1::Message)> forward;
};

// A message for clients; sessions of one topic share what is broadcast.
using PollMessage = std::shared_ptr<const v1::Message>;

// A client that polls, between its requests: what it has yet to be given, and
// what it has sent and shards have yet to handle. Phoenix: the process
// Phoenix.Transports.LongPoll.Server. Lives on its loop, whose clock it is
// given.
//
// A batch is dropped when the edge has written all of the response that carries
// it. Until then no other poll is answered; when the edge says that it has not,
// or is lost, the batch goes out again in front of all else: at least once.
class PollSession {
 public:
  PollSession(PollHome& home, SocketPtr socket, int64_t now_ms);
  ~PollSession();
  PollSession(const PollSession&) = delete;
  PollSession& operator=(const PollSession&) = delete;

  const SocketPtr& socket() const { return socket_; }

  // Why a session ends.
  enum class End {
    kNot,        // It does not.
    kInactive,   // No poll came for too long.
    kSlow,       // More waits for its client than may.
    kMalformed,  // Its client has sent what cannot be read.
    kClosed,     // By the broker: a disconnect, an expired token.
  };

  // From the edges:

  // A GET: the newest one is given what there is, or what comes.
  void Poll(PollAsker asker, int64_t now_ms);
  // It is over; `written`: its client has what it was given.
  void Done(const PollAsker& asker, bool written);
  // A POST.
  [[nodiscard]] End Send(PollAsker asker, v1::PollSend request, int64_t now_ms);
  // An edge is lost, with all its requests.
  void LinkLost(const Edge* link);

  // From the shards:

  // Something for the client, in this order. Given when Deliver is called.
  [[nodiscard]] End Push(PollMessage message, uint32_t bytes);
  // The shard has handled what was forwarded last.
  [[nodiscard]] End Taken();

  // Gives what there is to the newest poll.
  void Deliver();

  // Answers requests whose window is over.
  [[nodiscard]] End Expire(int64_t now_ms);
  // kInactive when there has been no poll for one and a half of them.
  [[nodiscard]] End CheckActive(int64_t now_ms) const;

  // The session ends: whoever waits is answered.
  void Finish();

  // Of a topic that is joined: for the founding dialect, where a second join is
  // an event like any other.
  void Joined(const std::string& topic) { topics_.push_back(topic); }
  void Left(const std::string& topic);

 private:
  struct Waiting {
    PollAsker asker;
    int64_t deadline_ms = 0;
  };
  struct Buffered {
    PollMessage message;
    uint32_t bytes = 0;
  };
  struct Sending {
    Waiting waiting;
    v1::PollSend request;
    uint64_t bytes = 0;
    int next = 0;
    bool failed = false;
  };
  // The message that was forwarded last, until it is handled.
  struct Forwarded {
    std::string topic;
    std::string ref;
    bool join = false;
    bool answered = false;
  };

  bool Reads(v1::Dialect dialect) const;
  bool IsJoin(const v1::Message& message) const;
  void Notice(const v1::Message& message);
  // Whether there was one, and its shard is through with it.
  bool Handled() const;
  // Goes on with what the client has sent.
  End Step();
  Sending TakeFirst();
  End Finished(const Sending& sending);
  End HeartbeatReply(v1::Message& heartbeat);

  PollHome& home_;
  const SocketPtr socket_;
  int64_t polled_at_ms_;

  std::vector<Buffered> buffer_;
  // Bytes of what has not been given.
  uint64_t waiting_bytes_ = 0;
  // How many of the first have been given, and to whom.
  size_t given_ = 0;
  PollAsker given_to_;

  absl::InlinedVector<Waiting, 1> polls_;  // The newest one last.
  std::vector<Sending> sends_;             // The oldest one first.
  uint64_t sends_bytes_ = 0;
  absl::optional<Forwarded> forwarded_;
  uint32_t untaken_ = 0;  // Forwarded, and Taken has not come.
  std::vector<std::string> topics_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_POLL_SESSION_H_
