#include "edge/transport/io_thread.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>
#include <variant>

#include "common/clock.h"
#include "edge/transport/connection.h"

namespace aerie::edge {
namespace {

// Also what a paused connection holds at most; a TLS record.
constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kWriteBytes = 64 << 10;
// Sockets tick some ten times a second.
constexpr uint32_t kTicksPerSocketTick = 100 / DeadlineWheel::kTickMs;

}  // namespace

IoThread::IoThread(const Front& front, const Limits& limits, uint32_t threads,
                   Metrics& metrics, std::atomic<int64_t>& connections)
    : front_(front),
      limits_(limits),
      metrics_(metrics),
      connections_open_(connections),
      held_max_(
          static_cast<int64_t>(limits.request_bodies_bytes_max / threads)),
      wheel_(Clock::Real().NowMs()),
      read_buffer_(kReadBytes),
      write_buffer_(kWriteBytes) {}

IoThread::~IoThread() {
  // Only after a Listener that never ran, or that has stopped.
  for (Connection* connection : connections_) delete connection;
}

int64_t IoThread::NowMs() const { return Clock::Real().NowMs(); }

void IoThread::Run(Sockets& sockets) {
  sockets_ = &sockets;
  StartTicks();
  poller_.Start();
  context_.run();
}

void IoThread::Post(absl::AnyInvocable<void()> task) {
  boost::asio::post(context_, std::move(task));
}

void IoThread::PostAfter(std::chrono::microseconds delay,
                         absl::AnyInvocable<void()> task) {
  auto timer = std::make_unique<Timer>(context_.get_executor(), delay);
  Timer& started = *timer;
  started.async_wait([timer = std::move(timer), task = std::move(task)](
                         const boost::system::error_code& error) mutable {
    if (!error) task();
  });
}

bool IoThread::Hold(int64_t change) {
  held_ += change;
  return change <= 0 || held_ <= held_max_;
}

void IoThread::Stop() {
  if (stopping_) return;
  stopping_ = true;
  ticker_.cancel();
  const std::vector<Connection*> connections(connections_.begin(),
                                             connections_.end());
  for (Connection* connection : connections) connection->Abort();
  Publish();
  if (connections_.empty()) context_.stop();
}

void IoThread::Add(std::unique_ptr<Connection> connection) {
  connections_.insert(connection.release());
  ++connections_open_;
  metrics_.connections.Increment();
}

void IoThread::Remove(Connection& connection) {
  connections_.erase(&connection);
  delete &connection;
  --connections_open_;
  metrics_.connections.Decrement();
  if (stopping_ && connections_.empty()) context_.stop();
}

void IoThread::FlushLater(Connection& connection) {
  if (to_flush_.empty()) {
    queued_since_ = std::chrono::steady_clock::now();
    boost::asio::post(context_, [this] { FlushAll(); });
  }
  to_flush_.push_back(&connection);
}

void IoThread::CancelFlush(Connection& connection) {
  std::replace(to_flush_.begin(), to_flush_.end(), &connection,
               static_cast<Connection*>(nullptr));
  std::replace(flushing_.begin(), flushing_.end(), &connection,
               static_cast<Connection*>(nullptr));
}

void IoThread::FlushAll() {
  const auto since = queued_since_;
  flushing_.swap(to_flush_);
  // By index: a connection may go while another one is flushed.
  for (size_t i = 0; i < flushing_.size(); ++i) {
    if (flushing_[i] != nullptr) flushing_[i]->Flush();
  }
  flushing_.clear();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - since;
  metrics_.fanout_seconds.Observe(took.count());
}

uint64_t IoThread::AddAsker(Asker asker) {
  const uint64_t ticket = next_ticket_++;
  askers_.emplace(ticket, std::move(asker));
  return ticket;
}

void IoThread::Connect(v1::Connect request, uint64_t ticket) {
  sockets_->Connect(std::move(request), [this, ticket](ConnectAnswer answer) {
    auto asker = askers_.extract(ticket);
    if (!asker.empty()) {
      asker.mapped()(std::move(answer));
    } else if (const auto* number = std::get_if<SocketNumber>(&answer)) {
      sockets_->Abandon(*number);
    }
  });
}

void IoThread::StartTicks() {
  ticker_.expires_after(std::chrono::milliseconds(DeadlineWheel::kTickMs));
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping_) Tick();
  });
}

void IoThread::Tick() {
  wheel_.Advance(NowMs());
  if (++ticks_ % kTicksPerSocketTick == 0) {
    sockets_->Tick();
    Publish();
  }
  StartTicks();
}

void IoThread::Publish() {
  const WireTally tally = std::exchange(tally_, WireTally());
  metrics_.bytes_in.Increment(static_cast<double>(tally.bytes_in));
  metrics_.bytes_out.Increment(static_cast<double>(tally.bytes_out));
  metrics_.write_queue_bytes.Increment(static_cast<double>(tally.queued));
}

}  // namespace aerie::edge
