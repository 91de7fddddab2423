#ifndef AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOST_H_
#define AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOST_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "broker/hosts/attached/credits.h"
#include "broker/metrics.h"
#include "common/clock.h"
#include "proto/aerie/v1/channel_host.pb.h"

namespace aerie::broker {

// The other end of a host's stream. Any thread; nothing here blocks. After the
// end it drops what it is told.
class HostStream {
 public:
  virtual ~HostStream() = default;

  // Queues a frame; those of one thread keep their order.
  virtual void Send(v1::ChannelFrame frame) = 0;
  // The host is attached: it may be read from now on.
  virtual void Attached() = 0;
  // The shards have caught up: AttachedHost::MayRead was false.
  virtual void Resume() = 0;
  // The broker ends it.
  virtual void End(absl::Status reason) = 0;
};

// How new channels are shared out among the hosts of a pattern.
enum class Spread { kTopic, kSocket, kLeastLoaded };

// A pattern, as one host has registered it.
struct HostPattern {
  std::string pattern;
  std::vector<std::string> intercepts;
  Spread spread = Spread::kTopic;
};

// What a host has said of itself.
struct HostRecord {
  std::string name;
  std::string instance;
  std::string version;
  std::vector<HostPattern> patterns;
  uint32_t capacity = 0;
  bool connect = false;

  // Null when it has not registered the pattern.
  const HostPattern* Find(const std::string& pattern) const;
};

// One host on its Attach stream, as all loops see it: who it is, what it may
// still be given, who waits for it. Any thread. Outlives its stream for as long
// as a loop still has it.
class AttachedHost {
 public:
  // `waiters`: how many parties may wait for credits.
  AttachedHost(HostRecord record, std::shared_ptr<HostStream> stream,
               size_t waiters, const Clock& clock, Metrics& metrics);
  AttachedHost(const AttachedHost&) = delete;
  AttachedHost& operator=(const AttachedHost&) = delete;

  const HostRecord& record() const { return record_; }
  // Stands for the host when topics choose one: the same on every broker.
  uint64_t seed() const { return seed_; }
  int64_t attached_ms() const { return attached_ms_; }
  Credits& credits() { return credits_; }
  const Credits& credits() const { return credits_; }

  void Send(v1::ChannelFrame frame) { stream_->Send(std::move(frame)); }
  void Attached() { stream_->Attached(); }
  void End(absl::Status reason) { stream_->End(std::move(reason)); }

  // Takes a credit. False: there is none, and `waiter` is told when some has
  // come back.
  [[nodiscard]] bool TakeOrWait(HostCallback callback, size_t waiter);
  // Those who wait, each once.
  std::vector<size_t> TakeWaiters();

  // Joins that wait for credits, of all shards; false when there are too many.
  [[nodiscard]] bool AddWaitingJoin(uint32_t max);
  void RemoveWaitingJoin();

  // Its channels, with those that only have their terminate before them.
  void Link();
  void Unlink();
  uint32_t channels() const { return channels_; }

  // From now on no channel is linked any more: Draining is sent, and Drained as
  // soon as none is left.
  void SettleDrain();
  bool draining() const { return draining_; }
  // The first call only: it has asked to be drained.
  bool StartDrain() { return !draining_.exchange(true); }

  // What it has said and loops have yet to take.
  void Post(uint64_t bytes) { posted_bytes_ += bytes; }
  void Taken(uint64_t bytes, uint64_t max);
  // Whether to read on; otherwise its stream is resumed later.
  [[nodiscard]] bool MayRead(uint64_t max);

 private:
  void SendDrained();

  const HostRecord record_;
  const std::shared_ptr<HostStream> stream_;
  const uint64_t seed_;
  const int64_t attached_ms_;
  Metrics& metrics_;
  Credits credits_;
  std::vector<std::atomic<bool>> waiting_;
  std::atomic<uint32_t> joins_waiting_{0};
  std::atomic<uint32_t> channels_{0};
  std::atomic<bool> draining_{false};
  std::atomic<bool> settled_{false};
  std::atomic<bool> drained_{false};
  std::atomic<uint64_t> posted_bytes_{0};
  std::atomic<bool> paused_{false};
};

using AttachedHostPtr = std::shared_ptr<AttachedHost>;

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_ATTACHED_HOST_H_
