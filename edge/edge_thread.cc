#include "edge/edge_thread.h"

#include <utility>

namespace aerie::edge {
namespace {

// A turn takes microseconds, the fan-out of a large topic some milliseconds.
constexpr int64_t kStuckMs = 10'000;

}  // namespace

EdgeThread::EdgeThread(uint32_t index, uint32_t threads, const Limits& limits,
                       Upstream& upstream, Metrics& metrics, const Clock& clock)
    : clock_(clock),
      table_(index, threads, limits, upstream, metrics, clock),
      sockets_(table_),
      ticked_at_ms_(clock.NowMs()) {}

void EdgeThread::Connect(v1::Connect request,
                         absl::AnyInvocable<void(ConnectAnswer)> answer) {
  sockets_.Connect(std::move(request), std::move(answer));
}

std::unique_ptr<Receiver> EdgeThread::Open(SocketNumber number,
                                           Transport& transport) {
  return sockets_.Open(number, transport);
}

void EdgeThread::Abandon(SocketNumber number) { sockets_.Abandon(number); }

SocketNumber EdgeThread::Poll(v1::Poll request, PollAnswered answered) {
  return sockets_.Poll(std::move(request), std::move(answered));
}

SocketNumber EdgeThread::PollSend(v1::PollSend request, PollAnswered answered) {
  return sockets_.PollSend(std::move(request), std::move(answered));
}

void EdgeThread::EndPoll(SocketNumber number, bool written) {
  sockets_.EndPoll(number, written);
}

void EdgeThread::Tick() {
  ticked_at_ms_ = clock_.NowMs();
  table_.Tick();
  if (draining_.has_value()) DrainOn();
}

void EdgeThread::Drain(int64_t window_ms, std::promise<void> done) {
  table_.Drain();
  draining_.emplace(Draining{DrainPace(table_.size(), window_ms),
                             clock_.NowMs(), 0, std::move(done), false});
  DrainOn();
}

bool EdgeThread::Ticks() const {
  return clock_.NowMs() - ticked_at_ms_ < kStuckMs;
}

void EdgeThread::DrainOn() {
  Draining& drain = *draining_;
  if (drain.is_done) return;
  const size_t due = drain.pace.DueBy(clock_.NowMs() - drain.started_ms);
  if (due > drain.closed) {
    table_.CloseSome(due - drain.closed);
    drain.closed = due;
  }
  if (table_.size() > 0) return;
  drain.is_done = true;
  drain.done.set_value();
}

}  // namespace aerie::edge
