#include "broker/channel/socket.h"

#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {
namespace {

// A quarter of what an edge may have on its way, so that a socket which sends
// steadily never waits for its credit.
constexpr uint32_t kCreditFrames = 16;
constexpr uint64_t kCreditBytes = 64 << 10;

}  // namespace

// Not std::atomic<GrantPtr>: its load in GCC 12 releases nothing, so that a
// later store races with it.
GrantPtr Socket::grant() const {
  return limited_ ? std::atomic_load(&grant_) : nullptr;
}

void Socket::Renew(GrantPtr grant) {
  if (limited_ && grant != nullptr) {
    std::atomic_store(&grant_, std::move(grant));
  }
}

bool Socket::ReserveTopic() {
  uint32_t topics = topics_.load(std::memory_order_relaxed);
  do {
    if (policy_.topics_max != 0 && topics >= policy_.topics_max) return false;
  } while (!topics_.compare_exchange_weak(topics, topics + 1,
                                          std::memory_order_relaxed));
  return true;
}

void Socket::ReleaseTopic() { topics_.fetch_sub(1, std::memory_order_relaxed); }

void Socket::Taken(uint64_t bytes) {
  const uint32_t frames = taken_frames_.fetch_add(1) + 1;
  const uint64_t total = taken_bytes_.fetch_add(bytes) + bytes;
  // A long poll's session sends one message after the other, each when the one
  // before has been handled.
  const bool each = origin_.transport == v1::TRANSPORT_LONG_POLL;
  if (!each && frames < kCreditFrames && total < kCreditBytes) return;
  // Two shards may both come here; what the first one takes, the other does not
  // find.
  const uint32_t taken_frames = taken_frames_.exchange(0);
  const uint64_t taken_bytes = taken_bytes_.exchange(0);
  if (taken_frames == 0 && taken_bytes == 0) return;
  v1::BrokerFrame frame;
  frame.set_socket(number_);
  frame.mutable_credit()->set_frames(taken_frames);
  frame.mutable_credit()->set_bytes(taken_bytes);
  edge_->Send(std::move(frame));
}

void Socket::Close(uint32_t code) {
  if (closing_.exchange(true)) return;
  v1::BrokerFrame frame;
  frame.set_socket(number_);
  frame.mutable_close()->set_code(code);
  edge_->Send(std::move(frame));
}

}  // namespace aerie::broker
