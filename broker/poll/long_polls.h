#ifndef AERIE_BROKER_POLL_LONG_POLLS_H_
#define AERIE_BROKER_POLL_LONG_POLLS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "broker/auth/connect_rule.h"
#include "broker/channel/socket.h"
#include "broker/control/edges.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/poll/poll_asker.h"
#include "broker/poll/poll_edge.h"
#include "broker/poll/poll_tokens.h"
#include "broker/shard/shards.h"
#include "common/clock.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// What the sessions of long polls need. Outlives them.
struct LongPollContext {
  Shards& shards;
  ConnectRule& rule;
  const PollTokens& tokens;
  const Limits& limits;
  Metrics& metrics;
  const Clock& clock;
};

// The sessions of all clients that poll, spread over the loops. They live here,
// so that any edge may bring any request; to services they look like the
// sockets of one more edge. Phoenix: Phoenix.Transports.LongPoll. Any thread.
class LongPolls final : public Edges {
 public:
  // `broker` is the name of this process.
  LongPolls(const LongPollContext& context, absl::string_view broker);
  // After the loops have stopped.
  ~LongPolls() override;

  // From the edges' links:

  // A GET. Says which session its token names; 0 for none: Done need not be
  // called then. The asker is answered in any case.
  uint64_t Poll(const PollAsker& asker, v1::Poll request);
  // The response to it is written, or will never be.
  void Done(const PollAsker& asker, uint64_t session, bool written);
  // A POST.
  void Send(const PollAsker& asker, v1::PollSend request);
  // An edge is lost.
  void LinkLost(const std::shared_ptr<Edge>& link);

  // The broker will exit: no new sessions.
  void Drain() { draining_ = true; }

  // What services know them by: `longpoll@` and the broker's name.
  const std::string& name() const { return name_; }

  // Of Edges: one, while there are sessions.
  void List(absl::AnyInvocable<void(std::vector<EdgeView>)> to) override;
  void Sockets(const std::string& edge, uint64_t after, size_t max,
               absl::AnyInvocable<void(std::vector<SocketPtr>)> to) override;
  void Find(const std::string& edge, uint64_t number,
            absl::AnyInvocable<void(SocketPtr)> to) override;

 private:
  PollEdge& Home(uint64_t session) const {
    return *homes_[session % homes_.size()];
  }
  Loop& LoopOf(uint64_t session) const {
    return context_.shards.loop(static_cast<uint32_t>(session % homes_.size()));
  }
  // Asks the connect rule about a new session.
  void Open(const PollAsker& asker, const v1::Poll& request);
  void Decided(PollAsker asker, const Policy& policy, const Origin& origin,
               ConnectVerdict verdict);

  const LongPollContext context_;
  const std::string name_;
  const int64_t since_ms_;
  // One for each loop.
  std::vector<std::shared_ptr<PollEdge>> homes_;
  std::atomic<uint64_t> last_session_{0};
  std::atomic<bool> draining_{false};
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_POLL_LONG_POLLS_H_
