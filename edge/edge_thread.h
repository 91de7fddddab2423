#ifndef AERIE_EDGE_EDGE_THREAD_H_
#define AERIE_EDGE_EDGE_THREAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/socket/drain_pace.h"
#include "edge/socket/socket_table.h"
#include "edge/socket/transport.h"
#include "edge/socket/upstream.h"
#include "edge/transport/sockets.h"
#include "edge/transport/table_sockets.h"

namespace aerie::edge {

// What lives on one io thread of the edge: its sockets and, at the end, their
// drain. Everything is called on that thread, but for what says otherwise.
class EdgeThread final : public Sockets {
 public:
  // Thread `index` of `threads`.
  EdgeThread(uint32_t index, uint32_t threads, const Limits& limits,
             Upstream& upstream, Metrics& metrics, const Clock& clock);
  EdgeThread(const EdgeThread&) = delete;
  EdgeThread& operator=(const EdgeThread&) = delete;

  SocketTable& table() { return table_; }

  // From the listener.
  void Connect(v1::Connect request,
               absl::AnyInvocable<void(ConnectAnswer)> answer) override;
  std::unique_ptr<Receiver> Open(SocketNumber number,
                                 Transport& transport) override;
  void Abandon(SocketNumber number) override;
  SocketNumber Poll(v1::Poll request, PollAnswered answered) override;
  SocketNumber PollSend(v1::PollSend request, PollAnswered answered) override;
  void EndPoll(SocketNumber number, bool written) override;
  void Tick() override;
  bool draining() const override { return table_.draining(); }

  // Refuses new sockets and closes those that are open, at a steady pace, all
  // of them by the end of the window. `done` is set when none is left. Once.
  void Drain(int64_t window_ms, std::promise<void> done);

  // Whether the thread has come round in the last few seconds. Any thread.
  bool Ticks() const;
  // As of Canary. Any thread.
  int64_t CanaryAgeMs() const { return table_.CanaryAgeMs(); }

 private:
  struct Draining {
    DrainPace pace;
    int64_t started_ms = 0;
    size_t closed = 0;
    std::promise<void> done;
    bool is_done = false;
  };

  void DrainOn();

  const Clock& clock_;
  SocketTable table_;
  TableSockets sockets_;
  std::optional<Draining> draining_;
  std::atomic<int64_t> ticked_at_ms_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_EDGE_THREAD_H_
