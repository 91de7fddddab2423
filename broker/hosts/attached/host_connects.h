#ifndef AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECTS_H_
#define AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECTS_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "broker/auth/connect_rule.h"
#include "broker/hosts/attached/attached_host.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/shard/loop.h"
#include "common/clock.h"
#include "proto/aerie/v1/channel_host.pb.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// Clients that wait for an attached host to say whether they may open a socket.
// Lives on one loop.
class HostConnects {
 public:
  using Answer = absl::AnyInvocable<void(ConnectVerdict)>;

  // `waiter`: which of AttachedHost's waiters this is.
  HostConnects(const Limits& limits, const Clock& clock, Metrics& metrics,
               Loop& loop, size_t waiter);

  // Those that decide from now on.
  void Use(std::vector<AttachedHostPtr> hosts);
  bool empty() const { return hosts_.empty(); }

  // Asks one of them, the next one that has a credit. Whoever gets no answer in
  // time, or loses its host, is refused with 503.
  void Ask(const v1::Connect& request, Answer answer);
  // A host's answer, checked.
  void Reply(const AttachedHost& host, v1::HostFrame::ConnectReply reply);
  // Credits have come back.
  void Serve();
  void Lost(const AttachedHost& host);

 private:
  struct Question {
    v1::ChannelFrame frame;  // Until it is asked.
    Answer answer;
    const AttachedHost* host = nullptr;  // Once it is asked.
    int64_t asked_ms = 0;
    Loop::Timer timer;
  };

  bool TryAsk(Question& question);
  void Refuse(uint64_t id, Counter& counter);
  void Late(uint64_t id);
  Answer Take(uint64_t id);

  const Limits& limits_;
  const Clock& clock_;
  Metrics& metrics_;
  Loop& loop_;
  const size_t waiter_;
  std::vector<AttachedHostPtr> hosts_;
  size_t next_ = 0;
  uint64_t ids_ = 0;
  absl::flat_hash_map<uint64_t, Question> questions_;
  // Those that wait for a credit; what is answered meanwhile is passed over.
  std::deque<uint64_t> line_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_HOST_CONNECTS_H_
