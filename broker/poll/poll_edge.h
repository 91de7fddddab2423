#ifndef AERIE_BROKER_POLL_POLL_EDGE_H_
#define AERIE_BROKER_POLL_POLL_EDGE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "broker/channel/edge.h"
#include "broker/channel/socket.h"
#include "broker/poll/poll_asker.h"
#include "broker/poll/poll_session.h"
#include "broker/shard/shards.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// The sessions of long polls that live on one loop. For the shards, an edge
// like any other: it hears of a broadcast once, and gives it to its own. Sent
// to from any thread; all else is its loop's.
class PollEdge final : public Edge,
                       public std::enable_shared_from_this<PollEdge> {
 public:
  // `name` is what services know it by.
  PollEdge(std::string name, Shards& shards, Loop& loop, const Limits& limits,
           Metrics& metrics);

  // Of Edge.
  absl::string_view name() const override { return name_; }
  void Send(v1::BrokerFrame frame) override;

  // This loop only.

  // The connect rule has accepted a client; `opened` is answered with `token`.
  void Open(const SocketPtr& socket, const PollAsker& opener,
            std::string token);
  // A GET; false when the session has ended.
  bool Poll(uint64_t session, const PollAsker& asker);
  void Done(uint64_t session, const PollAsker& asker, bool written);
  // A POST.
  void Send(uint64_t session, const PollAsker& asker, v1::PollSend request);
  // An edge is lost.
  void LinkLost(const Edge* link);

  // Forgets the sessions, without a word; they hold this, and it them. The loop
  // has stopped.
  void Clear() { sessions_.clear(); }

  size_t size() const { return sessions_.size(); }
  // As of Edges.
  std::vector<SocketPtr> List(uint64_t after, size_t max) const;
  SocketPtr Find(uint64_t session) const;

 private:
  using End = PollSession::End;
  // A channel that hears broadcasts.
  struct Seat {
    uint32_t group = 0;
    uint64_t session = 0;
  };
  using Seats = absl::flat_hash_map<uint64_t, Seat>;  // By pid.
  struct Session {
    Session(PollHome& home, SocketPtr socket, int64_t now_ms)
        : state(home, std::move(socket), now_ms) {}
    PollSession state;
    // What it has in seats_.
    std::vector<std::pair<std::string, uint64_t>> seats;
    bool to_deliver = false;
  };
  // Something to look after; each queue has one delay, so times rise in it.
  struct Due {
    int64_t at_ms = 0;
    uint64_t session = 0;
  };

  void Apply(std::vector<v1::BrokerFrame>& frames);
  void Apply(v1::BrokerFrame& frame);
  void Overflowed();
  void Enlist(Session& session, uint64_t number, const v1::Enlist& enlist);
  void Delist(Session& session, const v1::Delist& delist);
  void Unseat(const std::string& topic, uint64_t pid);
  void Fanout(v1::Fanout& fanout);
  void Push(uint64_t number, Session& session, const PollMessage& message,
            uint32_t bytes);
  // Ends the session if `end` says so; else gives what there is at the end of
  // the turn.
  void GoOn(uint64_t number, Session& session, End end);
  void DeliverLater(uint64_t number, Session& session);
  void DeliverAll();
  void Finish(uint64_t number, End end);
  Session* Lookup(uint64_t number);
  void StartTicks();
  void Tick();

  const std::string name_;
  Shards& shards_;
  Loop& loop_;
  const Limits& limits_;
  Metrics& metrics_;
  PollHome home_;
  // What each loop has said in its present turn; of that loop.
  std::vector<std::vector<v1::BrokerFrame>> gathered_;

  absl::flat_hash_map<uint64_t, std::unique_ptr<Session>> sessions_;
  absl::flat_hash_map<std::string, Seats> seats_;  // By topic.
  std::vector<uint64_t> to_deliver_;
  std::deque<Due> windows_;
  std::deque<Due> activity_;
  bool ticking_ = false;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_POLL_EDGE_H_
