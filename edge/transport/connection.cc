#include "edge/transport/connection.h"

#include <array>

namespace aerie::edge {
namespace {

constexpr size_t kBuffersPerWrite = 64;
// So that a peer that sends without end does not hold the thread.
constexpr int kReadsPerTurn = 16;

}  // namespace

Connection::Connection(IoThread& thread, Wire wire)
    : thread_(thread), wire_(std::move(wire)) {}

Connection::~Connection() {
  ClearDeadline();
  if (flush_later_) thread_.CancelFlush(*this);
  thread_.tally().queued -= static_cast<int64_t>(queue_.bytes());
}

void Connection::Release() {
  --handlers_;
  if (dead_ && handlers_ == 0) thread_.Remove(*this);
}

void Connection::Die() {
  if (dead_) return;
  // Keeps this alive to the end of the caller, if no other handler does.
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
        queue_.Gather(absl::MakeSpan(buffers), thread_.scratch());
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
        WaitToWrite();
        break;
      default:
        broken_ = true;
        break;
    }
  }
}

void Connection::WaitToWrite() {
  waiting_to_write_ = true;
  wire_.WaitToWrite(Guard([this](const boost::system::error_code&) {
    waiting_to_write_ = false;
    WriteOn();
  }));
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

Wire::Result Connection::Read(char* data, size_t size) {
  const Wire::Result result = wire_.Read(data, size);
  if (result.kind == Wire::Result::kDone) {
    thread_.tally().bytes_in += result.bytes;
  }
  return result;
}

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
    const Wire::Result result =
        Read(thread_.scratch().data(), thread_.scratch().size());
    if (result.kind == Wire::Result::kWouldBlock) break;
    if (result.kind != Wire::Result::kDone) return Die();
  }
  wire_.WaitToRead(
      Guard([this](const boost::system::error_code&) { DropUnread(); }));
}

}  // namespace aerie::edge
