#ifndef AERIE_EDGE_TRANSPORT_IO_THREAD_H_
#define AERIE_EDGE_TRANSPORT_IO_THREAD_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/types/span.h"
#include "edge/limits.h"
#include "edge/metrics.h"
#include "edge/transport/deadline_wheel.h"
#include "edge/transport/deflater.h"
#include "edge/transport/front.h"
#include "edge/transport/inflater.h"
#include "edge/transport/poller.h"
#include "edge/transport/sockets.h"
#include "edge/transport/tls.h"

namespace aerie::edge {

class Connection;

// A concrete executor makes sockets and handlers smaller than the polymorphic
// one.
using Executor = boost::asio::io_context::executor_type;

// What one io thread has counted since its last tick.
struct WireTally {
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  int64_t queued = 0;
};

// One io thread: its event loop, its connections, and what they share. All of
// it is used on that thread, unless said otherwise.
class IoThread {
 public:
  // One of `threads`; `connections` counts those of all.
  IoThread(const Front& front, const Limits& limits, uint32_t threads,
           Metrics& metrics, std::atomic<int64_t>& connections);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  ~IoThread();

  // Runs until Stop. Called on the thread itself.
  void Run(Sockets& sockets);

  // Any thread: runs `task` on this one.
  void Post(absl::AnyInvocable<void()> task);
  // The same, after a while. On this one.
  void PostAfter(std::chrono::microseconds delay,
                 absl::AnyInvocable<void()> task);

  // Drops all connections; Run returns.
  void Stop();

  // For connections:

  Executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }
  const Front& front() const { return front_; }
  const Limits& limits() const { return limits_; }
  Metrics& metrics() { return metrics_; }
  Sockets& sockets() { return *sockets_; }
  DeadlineWheel& wheel() { return wheel_; }
  Poller& poller() { return poller_; }
  Deflater& deflater() { return deflater_; }
  Inflater& inflater() { return inflater_; }
  WireTally& tally() { return tally_; }
  int64_t NowMs() const;
  // Bytes for the length of one read and what it leads to, and of one write.
  absl::Span<char> read_buffer() { return absl::MakeSpan(read_buffer_); }
  absl::Span<char> write_buffer() { return absl::MakeSpan(write_buffer_); }

  // Notes that requests hold so many bytes more, or less; false when that is
  // more than this thread's share.
  bool Hold(int64_t change);

  // Null without TLS.
  const SslContext& tls() const { return tls_; }
  void SetTls(SslContext tls) { tls_ = std::move(tls); }

  // Takes a connection, until it asks to be removed: destroyed.
  void Add(std::unique_ptr<Connection> connection);
  void Remove(Connection& connection);

  // Flushes the connection when everything that is ready to run now has run:
  // what is sent in one turn travels in one write.
  void FlushLater(Connection& connection);
  void CancelFlush(Connection& connection);

  // A place to wait for an answer that may come after its asker has gone.
  using Asker = absl::AnyInvocable<void(ConnectAnswer)>;
  uint64_t AddAsker(Asker asker);
  void RemoveAsker(uint64_t ticket) { askers_.erase(ticket); }

  // Asks the socket table; the answer goes to the asker of `ticket`, or, if
  // that has gone, a socket that may open is abandoned.
  void Connect(v1::Connect request, uint64_t ticket);

 private:
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void FlushAll();
  void StartTicks();
  void Tick();
  void Publish();

  const Front& front_;
  const Limits& limits_;
  Metrics& metrics_;
  std::atomic<int64_t>& connections_open_;
  const int64_t held_max_;
  Sockets* sockets_ = nullptr;
  SslContext tls_;

  DeadlineWheel wheel_;
  Deflater deflater_;
  Inflater inflater_;
  WireTally tally_;
  int64_t held_ = 0;
  std::vector<char> read_buffer_;
  std::vector<char> write_buffer_;
  bool stopping_ = false;
  uint32_t ticks_ = 0;

  boost::asio::io_context context_{1};
  Poller poller_{context_};
  Timer ticker_{context_.get_executor()};

  absl::flat_hash_set<Connection*> connections_;
  std::vector<Connection*> to_flush_;
  std::vector<Connection*> flushing_;
  // When the first of `to_flush_` had something to flush.
  std::chrono::steady_clock::time_point queued_since_;
  uint64_t next_ticket_ = 1;
  absl::flat_hash_map<uint64_t, Asker> askers_;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_IO_THREAD_H_
