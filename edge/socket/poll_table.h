#ifndef AERIE_EDGE_SOCKET_POLL_TABLE_H_
#define AERIE_EDGE_SOCKET_POLL_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "edge/socket/tally.h"
#include "edge/socket/uplink.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::edge {

// What a long poll's request has come to. Without a link, or when it is lost
// under the request: RESULT_UNAVAILABLE.
using PollAnswered = absl::AnyInvocable<void(const v1::PollAnswer&)>;

// The long polls' requests of one io thread that the broker has yet to answer,
// or to be told about. The sessions are the broker's: of a client, an edge
// knows nothing from one request to the next. Phoenix:
// Phoenix.Transports.LongPoll. Lives on its io thread.
class PollTable {
 public:
  PollTable(Uplink& uplink, Tally& tally) : uplink_(uplink), tally_(tally) {}
  PollTable(const PollTable&) = delete;
  PollTable& operator=(const PollTable&) = delete;

  // Hands a request to the broker. `answered` runs once, unless End comes
  // first. False when there is no link: it has run already, and End is not
  // called.
  bool Get(uint64_t number, v1::Poll request, PollAnswered answered);
  bool Send(uint64_t number, v1::PollSend request, PollAnswered answered);

  // The request is over: its response is with the kernel as a whole, or
  // (`written` is false) its client has gone. The broker hears of it as written
  // only if its own answer was.
  void End(uint64_t number, bool written);

  // From the link, in its order.
  void Apply(uint64_t number, const v1::PollAnswer& answer);
  void LinkLost();

  // Answers a Get that waits with RESULT_NOTHING, so that its client comes back
  // elsewhere; false if there is none.
  bool Release(uint64_t number);

  // Those of Get that wait for something.
  std::vector<uint64_t> Waiting() const;
  // All that are not over.
  size_t size() const { return requests_.size(); }

 private:
  struct Request {
    uint64_t epoch = 0;
    bool get = false;
    bool given = false;     // What the broker has answered.
    PollAnswered answered;  // Null when it has run.
  };

  bool Start(v1::EdgeFrame frame, PollAnswered answered);
  void SendDone(uint64_t number, const Request& request, bool written);

  Uplink& uplink_;
  Tally& tally_;
  absl::flat_hash_map<uint64_t, Request> requests_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_POLL_TABLE_H_
