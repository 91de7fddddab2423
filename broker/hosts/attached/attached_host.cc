#include "broker/hosts/attached/attached_host.h"

#include <algorithm>

#include "broker/shard/stable_hash.h"

namespace aerie::broker {

const HostPattern* HostRecord::Find(const std::string& pattern) const {
  const auto found = std::find_if(
      patterns.begin(), patterns.end(),
      [&pattern](const HostPattern& own) { return own.pattern == pattern; });
  return found == patterns.end() ? nullptr : &*found;
}

AttachedHost::AttachedHost(HostRecord record,
                           std::shared_ptr<HostStream> stream, size_t waiters,
                           const Clock& clock, Metrics& metrics)
    : record_(std::move(record)),
      stream_(std::move(stream)),
      seed_(StableHash(record_.instance)),
      attached_ms_(clock.NowMs()),
      metrics_(metrics),
      credits_(record_.capacity, clock, metrics),
      waiting_(waiters) {}

// Whoever says that it waits looks once more, for a credit that has come back
// in between.
bool AttachedHost::TakeOrWait(HostCallback callback, size_t waiter) {
  if (credits_.Take(callback)) return true;
  waiting_[waiter] = true;
  return credits_.Take(callback);
}

std::vector<size_t> AttachedHost::TakeWaiters() {
  std::vector<size_t> waiters;
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i] && waiting_[i].exchange(false)) waiters.push_back(i);
  }
  return waiters;
}

bool AttachedHost::AddWaitingJoin(uint32_t max) {
  if (++joins_waiting_ > max) {
    --joins_waiting_;
    return false;
  }
  metrics_.host_joins_waiting.Increment();
  return true;
}

void AttachedHost::RemoveWaitingJoin() {
  --joins_waiting_;
  metrics_.host_joins_waiting.Decrement();
}

void AttachedHost::Link() {
  ++channels_;
  metrics_.host_channels.Increment();
}

void AttachedHost::Unlink() {
  metrics_.host_channels.Decrement();
  if (--channels_ == 0 && settled_) SendDrained();
}

void AttachedHost::SettleDrain() {
  v1::ChannelFrame frame;
  frame.mutable_draining();
  Send(std::move(frame));
  settled_ = true;
  if (channels_ == 0) SendDrained();
}

void AttachedHost::SendDrained() {
  if (drained_.exchange(true)) return;
  v1::ChannelFrame frame;
  frame.mutable_drained();
  Send(std::move(frame));
}

void AttachedHost::Taken(uint64_t bytes, uint64_t max) {
  if ((posted_bytes_ -= bytes) <= max && paused_ && paused_.exchange(false)) {
    stream_->Resume();
  }
}

// Whoever says that it pauses looks once more, as above.
bool AttachedHost::MayRead(uint64_t max) {
  if (posted_bytes_ <= max) return true;
  paused_ = true;
  if (posted_bytes_ > max || !paused_.exchange(false)) {
    metrics_.host_reader_pauses.Increment();
    return false;
  }
  return true;
}

}  // namespace aerie::broker
