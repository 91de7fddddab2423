#ifndef AERIE_EDGE_TRANSPORT_CONNECTION_H_
#define AERIE_EDGE_TRANSPORT_CONNECTION_H_

#include <boost/asio/post.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "edge/transport/deadline_wheel.h"
#include "edge/transport/io_thread.h"
#include "edge/transport/poller.h"
#include "edge/transport/wire.h"
#include "edge/transport/write_queue.h"

namespace aerie::edge {

// A client's connection, whatever is spoken on it: a wire, what has yet to be
// written to it, one deadline, and a gentle end. Lives on its IoThread, which
// owns it, until it is dead and the last of its tasks has run.
class Connection : public DeadlineWheel::Entry, public Poller::Entry {
 public:
  Connection(IoThread& thread, Wire wire);
  virtual ~Connection();

  // Writes what is queued; the thread calls it at the end of a turn.
  void Flush();

  // The process ends. Tells everybody and dies.
  virtual void Abort() = 0;

  void OnDeadline(int64_t now_ms) final;
  void OnReady(uint32_t events) final;

 protected:
  // So that a peer that sends without end does not hold the thread.
  static constexpr int kReadsPerTurn = 16;

  // There may be something to read. Also called when that is of no interest.
  virtual void OnReadable() = 0;
  // Everything that was queued is with the kernel.
  virtual void OnDrained() = 0;
  // Writing has failed.
  virtual void OnBroken() = 0;
  // The deadline has passed, and the connection is not lingering.
  virtual void OnTimeout(int64_t now_ms) = 0;

  // Runs `task` in another turn, unless the connection has died meanwhile; the
  // second even then. The connection lives until it has run.
  template <typename Task>
  void Later(Task task);
  template <typename Task>
  void LaterInAnyCase(Task task);

  // Queues for the end of the turn.
  void PushFrame(uint8_t first, WriteQueue::Bytes payload);
  void PushRaw(std::string bytes);
  void PushRaw(WriteQueue::Bytes bytes);
  void FlushLater();

  // Writes what the kernel takes at once, without telling of it before the end
  // of the turn.
  void WriteNow();

  // Drops what is queued behind the frames that have begun.
  void DropQueue();

  // Counted Wire::Read.
  Wire::Result Read(absl::Span<char> buffer);

  // Calls OnReadable in another turn.
  void ReadLater();

  void SetDeadlineIn(uint32_t ms);
  void ClearDeadline() { thread_.wheel().Clear(*this); }

  // Says goodbye and listens, without interest, until the peer has gone: what
  // it was sent last would be lost if the wire were closed under it. Ends with
  // a reset after Limits::close_timeout_ms.
  void Linger();

  // Closes the wire. `Reset` so that the peer sees an error.
  void Die();
  void DieWithReset();
  bool dead() const { return dead_; }

  IoThread& thread() { return thread_; }
  const Limits& limits() const { return thread_.limits(); }
  Wire& wire() { return wire_; }
  const WriteQueue& queue() const { return queue_; }
  int64_t last_write_ms() const { return last_write_ms_; }

 private:
  template <typename Task>
  friend class Guarded;
  enum class Dead { kSkip, kRun };

  void Release();
  void WatchWrites();
  void WriteOn();
  void ReadOn();
  void DropUnread();

  IoThread& thread_;
  Wire wire_;
  WriteQueue queue_;
  int64_t last_write_ms_ = 0;
  uint16_t tasks_ = 0;
  bool dead_ = false;
  bool broken_ = false;
  bool lingering_ = false;
  bool flush_later_ = false;
  bool read_later_ = false;
  bool waiting_to_write_ = false;
  bool watching_writes_ = false;
};

// A task that keeps its connection.
template <typename Task>
class Guarded {
 public:
  Guarded(Connection& connection, Connection::Dead dead, Task task)
      : connection_(&connection), dead_(dead), task_(std::move(task)) {
    ++connection.tasks_;
  }

  void operator()() {
    Connection* const connection = connection_;
    if (!connection->dead_ || dead_ == Connection::Dead::kRun) task_();
    connection->Release();
  }

 private:
  Connection* connection_;
  Connection::Dead dead_;
  Task task_;
};

template <typename Task>
void Connection::Later(Task task) {
  boost::asio::post(thread_.context(),
                    Guarded<Task>(*this, Dead::kSkip, std::move(task)));
}

template <typename Task>
void Connection::LaterInAnyCase(Task task) {
  boost::asio::post(thread_.context(),
                    Guarded<Task>(*this, Dead::kRun, std::move(task)));
}

}  // namespace aerie::edge

#endif  // AERIE_EDGE_TRANSPORT_CONNECTION_H_
