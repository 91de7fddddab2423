#ifndef AERIE_EDGE_SOCKET_SOCKET_TABLE_H_
#define AERIE_EDGE_SOCKET_SOCKET_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/admission.h"
#include "edge/socket/canary.h"
#include "edge/socket/fastlane.h"
#include "edge/socket/poll_table.h"
#include "edge/socket/socket.h"
#include "edge/socket/tally.h"
#include "edge/socket/transport.h"
#include "edge/socket/uplink.h"
#include "edge/socket/upstream.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// The broker's answer to Connect.
struct Refusal {
  // HTTP status; 503 (no broker, draining, too many waiting, too slow, paced)
  // goes with Retry-After.
  uint32_t status = 403;
  std::string body;
  // Of a client that is paced: seconds after which to come again; otherwise 0.
  uint32_t paced_s = 0;
};
// Opened: the socket may be opened with SocketTable::Open.
using ConnectAnswer = std::variant<SocketNumber, Refusal>;

// The sockets of one io thread, and what the broker has told about them.
// Phoenix has no counterpart: there, every socket is a process. Lives on that
// thread: every method is called there, and nothing of it is shared.
class SocketTable {
 public:
  // The table of io thread `index` of `threads`.
  SocketTable(uint32_t index, uint32_t threads, const Limits& limits,
              Upstream& upstream, Metrics& metrics, const Clock& clock);
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  // From the transport:

  // Asks the broker whether a client may open a socket. `answer` runs once, on
  // this thread, maybe before this returns (then: a Refusal).
  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> answer);

  // The client was upgraded: the socket lives until Socket::OnClosed. A
  // disconnect that has come meanwhile closes the transport at once.
  Socket& Open(SocketNumber number, Transport& transport);

  // The client went away between the answer and Open.
  void Abandon(SocketNumber number);

  // A long poll's GET or POST; `answered` runs once, on this thread, unless
  // EndPoll comes first. A number for EndPoll, or 0 when it has run already.
  SocketNumber Poll(v1::Poll request, PollAnswered answered);
  SocketNumber PollSend(v1::PollSend request, PollAnswered answered);

  // As PollTable::End.
  void EndPoll(SocketNumber number, bool written);

  // From the link, in its order:

  // A link is up: the broker has sent Welcome. Epochs count from 1.
  void LinkUp(uint64_t epoch);

  // Drain is the link's own and means nothing here. Welcome and Fanout are
  // applied on every thread, all else on the thread of its number.
  void Apply(const v1::BrokerFrame& frame);

  // The link is lost, or its broker drains: every channel has ended.
  void LinkLost();

  // From the server:

  // Some ten times a second: expires Connects, sends the canary, publishes what
  // was counted.
  void Tick();

  // Refuses new sockets from here on.
  void Drain();
  bool draining() const { return draining_; }

  // Closes as many more sockets with 1012, and has as many polls come back
  // elsewhere, in no particular order; only while draining. Says how many were
  // left.
  size_t CloseSome(size_t count);

  // As of Canary. Any thread.
  int64_t CanaryAgeMs() const { return canary_.AgeMs(); }

  // Open sockets, those about to open, and polls that are not over.
  size_t size() const {
    return sockets_.size() + opening_.size() + polls_.size();
  }

 private:
  // A client that waits for the broker.
  struct Waiting {
    v1::Dialect dialect = v1::DIALECT_UNSPECIFIED;
    int64_t deadline_ms = 0;
    absl::AnyInvocable<void(ConnectAnswer)> answer;
  };
  // A client that the broker lets in, and that is being upgraded.
  struct Opening {
    SocketRecord record;
    uint16_t close_code = 0;  // Of a disconnect that came first.
  };

  SocketNumber TakeNumber();
  // The counter of the reason why nobody may connect now; null: there is none.
  uint64_t* WhyRefused();
  // Answers a poll that may open no session now.
  bool RefusesSession(PollAnswered& answered);
  void Opened(SocketNumber number, const v1::Opened& opened);
  void Refused(SocketNumber number, const v1::Refused& refused);
  void Close(SocketNumber number, uint16_t code);
  void Renewed(SocketNumber number, const v1::Renewed& renewed);
  void Fanout(const v1::Fanout& fanout);
  // Message, Enlist, Delist and Credit.
  void ApplyTo(Socket& socket, const v1::BrokerFrame& frame);
  void SendGone(SocketNumber number);
  Socket* Find(SocketNumber number);
  void ExpireConnects();
  // Answers every client that waits with 503.
  void RefuseAll(uint64_t& counter);

  const uint32_t threads_;
  const Limits limits_;
  const uint32_t waiting_max_;  // This thread's share.
  Metrics& metrics_;
  const Clock& clock_;

  Tally tally_;
  Uplink uplink_;
  Fastlane fastlane_;
  PollTable polls_{uplink_, tally_};
  Canary canary_;
  SocketHome home_;
  SocketNumber next_number_;
  Admission admission_;
  bool draining_ = false;

  // Numbers rise with time, so the first one is the first to expire.
  absl::btree_map<SocketNumber, Waiting> waiting_;
  absl::flat_hash_map<SocketNumber, Opening> opening_;
  absl::flat_hash_map<SocketNumber, std::unique_ptr<Socket>> sockets_;
  // While draining: sockets and polls that CloseSome has not come to, shuffled.
  std::vector<SocketNumber> to_close_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_SOCKET_TABLE_H_
