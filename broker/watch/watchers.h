#ifndef AERIE_BROKER_WATCH_WATCHERS_H_
#define AERIE_BROKER_WATCH_WATCHERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/watch/watcher.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

using WatcherPtr = std::shared_ptr<Watcher>;

// Those who watch the broker. Whoever makes something happen asks Wanted first,
// which costs next to nothing, and tells it then. Any thread; what one thread
// tells keeps its order.
class Watchers {
 public:
  using Kind = v1::WatchResponse::Event::Kind;

  Watchers(const Limits& limits, Metrics& metrics);

  // Hears what happens from now on, until Remove. False when there are too
  // many.
  [[nodiscard]] bool Add(const WatcherPtr& watcher);
  void Remove(const WatcherPtr& watcher);

  // Whether anybody wants to hear of events of this kind.
  bool Wanted(Kind kind) const {
    return (wanted_.load(std::memory_order_relaxed) >> kind & 1) != 0;
  }
  void Tell(v1::WatchResponse::Event event);

 private:
  using List = std::vector<WatcherPtr>;

  void Use(std::shared_ptr<const List> list);

  const Limits& limits_;
  Metrics& metrics_;
  // Bit k: events of kind k.
  std::atomic<uint32_t> wanted_{0};
  std::mutex mutex_;
  std::shared_ptr<const List> list_;  // By mutex_; replaced as a whole.
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_WATCH_WATCHERS_H_
