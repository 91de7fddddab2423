#include "edge/transport/connection.h"

#include <sys/epoll.h>

#include <array>

namespace aerie::edge {
namespace {

constexpr size_t kBuffersPerWrite = 64;

}  // namespace

Connection::Connection(IoThread& thread, Wire wire)
    : thread_(thread), wire_(std::move(wire)) {}

Connection::~Connection() {
  ClearDeadline();
  if (flush_later_) thread_.CancelFlush(*this);
  thread_.tally().queued -= static_cast<int64_t>(queue_.bytes());
}

void Connection::Release() {
  --tasks_;
  if (dead_ && tasks_ == 0) thread_.Remove(*this);
}

void Connection::Die() {
  if (dead_) return;
  // Keeps this alive to the end of the caller, if no other task does.
  Later([] {});
  dead_ = true;
  ClearDeadline();
  wire_.Close();
}

void Connection::DieWithReset() {
  wire_.Reset();
  Die();
}

void Connection::PushFrame(uint8_t first, WriteQueue::Bytes payload) {
  const size_t before = queue_.bytes();
  queue_.PushFrame(first, std::move(payload));
  thread_.tally().queued += static_cast<int64_t>(queue_.bytes() - before);
  FlushLater();
}

void Connection::PushRaw(std::string bytes) {
  PushRaw(std::make_shared<const std::string>(std::move(bytes)));
}

void Connection::PushRaw(WriteQueue::Bytes bytes) {
  thread_.tally().queued += static_cast<int64_t>(bytes->size());
  queue_.PushRaw(std::move(bytes));
  FlushLater();
}

void Connection::FlushLater() {
  if (flush_later_ || dead_) return;
  flush_later_ = true;
  thread_.FlushLater(*this);
}

void Connection::DropQueue() {
  const size_t dropped = queue_.DropBehind(wire_.offered());
  thread_.tally().queued -= static_cast<int64_t>(dropped);
  thread_.metrics().write_queue_bytes_dropped.Increment(
      static_cast<double>(dropped));
}

void Connection::WriteNow() {
  while (!waiting_to_write_ && !broken_ && !queue_.empty()) {
    std::array<iovec, kBuffersPerWrite> buffers;
    const size_t count =
        queue_.Gather(absl::MakeSpan(buffers), thread_.write_buffer());
    const Wire::Result result =
        wire_.Write(absl::MakeConstSpan(buffers.data(), count));
    switch (result.kind) {
      case Wire::Result::kDone:
        queue_.Consume(result.bytes);
        last_write_ms_ = thread_.NowMs();
        thread_.tally().bytes_out += result.bytes;
        thread_.tally().queued -= static_cast<int64_t>(result.bytes);
        break;
      case Wire::Result::kWouldBlock:
        waiting_to_write_ = true;
        WatchWrites();
        break;
      default:
        broken_ = true;
        break;
    }
  }
}

void Connection::WatchWrites() {
  if (std::exchange(watching_writes_, true)) return;
  thread_.poller().WatchAnew(wire_.fd(), *this, /*writes=*/true);
}

void Connection::OnReady(uint32_t events) {
  if (dead_) return;
  wire_.OnReady(events);
  // Inside TLS, writing may wait for something to read.
  const bool may_write =
      (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) || wire_.tls();
  if (may_write && std::exchange(waiting_to_write_, false)) WriteOn();
  if (!dead_ && wire_.may_read()) ReadOn();
}

void Connection::Flush() {
  flush_later_ = false;
  if (!dead_) WriteOn();
}

void Connection::WriteOn() {
  WriteNow();
  if (broken_) {
    if (lingering_) return Die();
    OnBroken();
  } else if (queue_.empty() && !lingering_) {
    OnDrained();
  }
}

Wire::Result Connection::Read(absl::Span<char> buffer) {
  const Wire::Result result = wire_.Read(buffer.data(), buffer.size());
  if (result.kind == Wire::Result::kDone) {
    thread_.tally().bytes_in += result.bytes;
  } else if (wire_.read_wants_write()) {
    WatchWrites();
  }
  return result;
}

void Connection::ReadLater() {
  if (dead_ || std::exchange(read_later_, true)) return;
  Later([this] {
    read_later_ = false;
    ReadOn();
  });
}

void Connection::ReadOn() { lingering_ ? DropUnread() : OnReadable(); }

void Connection::SetDeadlineIn(uint32_t ms) {
  thread_.wheel().Set(*this, thread_.NowMs() + ms);
}

void Connection::OnDeadline(int64_t now_ms) {
  if (lingering_) return DieWithReset();
  OnTimeout(now_ms);
}

void Connection::Linger() {
  if (lingering_ || dead_) return;
  lingering_ = true;
  wire_.ShutdownSend();
  SetDeadlineIn(limits().close_timeout_ms);
  DropUnread();
}

void Connection::DropUnread() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const Wire::Result result = Read(thread_.read_buffer());
    if (result.kind == Wire::Result::kWouldBlock) return;
    if (result.kind != Wire::Result::kDone) return Die();
  }
  ReadLater();
}

}  // namespace aerie::edge
