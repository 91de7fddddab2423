#ifndef AERIE_BROKER_WATCH_WATCHERS_H_
#define AERIE_BROKER_WATCH_WATCHERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "broker/metrics.h"
#include "broker/watch/watcher.h"
#include "common/rpc/strand.h"

namespace aerie::broker {

using WatcherPtr = std::shared_ptr<Watcher>;

// Those who watch the broker. Whoever makes something happen asks Wanted first,
// which costs next to nothing, and tells it then. Any thread; what one thread
// tells keeps its order.
class Watchers {
 public:
  using Event = Watcher::Event;
  using Kind = Event::Kind;

  explicit Watchers(Metrics& metrics);

  // It hears what happens from `then` on, until Remove.
  void Add(WatcherPtr watcher, absl::AnyInvocable<void()> then);
  void Remove(WatcherPtr watcher);

  // Whether anybody wants to hear of events of this kind.
  bool Wanted(Kind kind) const {
    return (wanted_.load(std::memory_order_relaxed) >> kind & 1) != 0;
  }
  void Tell(const Event& event) const;

 private:
  using List = std::vector<WatcherPtr>;

  void Use(List list);

  Metrics& metrics_;
  // Bit k: events of kind k.
  std::atomic<uint32_t> wanted_{0};
  // Replaced as a whole, by turns of the strand. Through std::atomic_load and
  // std::atomic_store only: see Socket::grant.
  std::shared_ptr<const List> list_ = std::make_shared<const List>();
  rpc::Strand strand_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_WATCH_WATCHERS_H_
