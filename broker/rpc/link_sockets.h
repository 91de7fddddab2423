#ifndef AERIE_BROKER_RPC_LINK_SOCKETS_H_
#define AERIE_BROKER_RPC_LINK_SOCKETS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "broker/auth/connect_rule.h"
#include "broker/auth/resume_blob.h"
#include "broker/channel/edge.h"
#include "broker/channel/socket.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/poll/long_polls.h"
#include "broker/shard/shards.h"
#include "common/clock.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// What the links of a broker share. Outlives them.
struct LinkContext {
  Shards& shards;
  ConnectRule& rule;
  const ResumeBlobs& blobs;
  LongPolls& polls;
  const Limits& limits;
  Metrics& metrics;
  const Clock& clock;
};

// The sockets of one edge, as far as its link goes: asks the connect rule,
// makes and resumes sockets, and hands their messages and ends to the shards.
// Lives on the link's strand, until the link has ended.
class LinkSockets {
 public:
  using Turn = absl::AnyInvocable<void()>;
  using PostFunction = std::function<void(Turn)>;

  explicit LinkSockets(const LinkContext& context) : context_(context) {}
  LinkSockets(const LinkSockets&) = delete;
  LinkSockets& operator=(const LinkSockets&) = delete;

  // Before In: answers go to `edge`, and `post` runs a turn on the strand,
  // unless the link is no more.
  void Start(std::shared_ptr<Edge> edge, PostFunction post);

  // What the edge says after Hello; messages are moved out of it.
  // INVALID_ARGUMENT for what no edge would say: the link ends then.
  absl::Status In(v1::EdgeBatch& batch);

  // The broker will exit: new sockets are refused from now on, 503.
  void Drain() { draining_ = true; }

  // The link has ended: every channel of its sockets ends with kEdgeLost, and
  // the edge is let go.
  void End();

  size_t size() const { return sockets_.size(); }
  // In the order of their numbers, those behind `after`, at most `max`.
  std::vector<SocketPtr> List(uint64_t after, size_t max) const;
  // Null when it is not open.
  SocketPtr Find(uint64_t number) const;

 private:
  absl::Status InFrame(v1::EdgeFrame& frame);
  // Queues an answer for the edge.
  void Answer(v1::BrokerFrame answer);
  void HandOn();
  absl::Status Connect(uint64_t number, const v1::Connect& request);
  void Decided(uint64_t number, const Policy& policy, const Origin& origin,
               ConnectVerdict verdict);
  absl::Status Resume(uint64_t number, const v1::Resume& resume);
  absl::Status Message(uint64_t number, v1::Message& message);
  void Gone(uint64_t number);
  absl::Status Poll(uint64_t number, v1::Poll& poll);
  void PollDone(uint64_t number, bool written);
  absl::Status PollSend(uint64_t number, v1::PollSend& send);
  absl::Status Canary();
  void SendCanaryBack();

  Origin OriginOf(v1::Dialect dialect, v1::Transport transport,
                  absl::string_view peer) const;
  void Open(uint64_t number, ResumeFields fields, const Origin& origin);
  void Refuse(uint64_t number, Denial denial);
  void Restart(uint64_t number);
  bool Known(uint64_t number) const;

  const LinkContext context_;
  PostFunction post_;
  std::shared_ptr<Edge> edge_;
  bool draining_ = false;

  // Sockets that the connect rule has yet to decide about.
  absl::flat_hash_set<uint64_t> connecting_;
  absl::flat_hash_map<uint64_t, SocketPtr> sockets_;
  // The sessions of polls that the edge has yet to end.
  absl::flat_hash_map<uint64_t, uint64_t> polls_;
  // Told to start anew (1012), not yet gone: what they say is dropped.
  absl::flat_hash_set<uint64_t> restarting_;

  bool canary_under_way_ = false;

  // Not handed on yet: of the batch in hand, or of the turns after it.
  bool in_batch_ = false;
  std::vector<v1::BrokerFrame> answers_;
  std::vector<SocketPtr> opened_;
  std::vector<SocketMessage> messages_;
  std::vector<SocketPtr> gone_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_RPC_LINK_SOCKETS_H_
