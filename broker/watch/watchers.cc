#include "broker/watch/watchers.h"

#include <algorithm>
#include <utility>

namespace aerie::broker {

Watchers::Watchers(Metrics& metrics) : metrics_(metrics) {}

void Watchers::Add(WatcherPtr watcher, absl::AnyInvocable<void()> then) {
  strand_.Post(
      [this, watcher = std::move(watcher), then = std::move(then)]() mutable {
        List list = *list_;
        list.push_back(std::move(watcher));
        Use(std::move(list));
        then();
      });
}

void Watchers::Remove(WatcherPtr watcher) {
  strand_.Post([this, watcher = std::move(watcher)] {
    List list = *list_;
    list.erase(std::remove(list.begin(), list.end(), watcher), list.end());
    Use(std::move(list));
  });
}

void Watchers::Use(List list) {
  uint32_t wanted = 0;
  for (int kind = 0; kind < Event::Kind_ARRAYSIZE; ++kind) {
    const bool any = std::any_of(
        list.begin(), list.end(), [kind](const WatcherPtr& watcher) {
          return watcher->Wants(static_cast<Kind>(kind));
        });
    if (any) wanted |= uint32_t{1} << kind;
  }
  metrics_.watchers.Set(static_cast<double>(list.size()));
  std::atomic_store(&list_, std::make_shared<const List>(std::move(list)));
  wanted_.store(wanted);
}

void Watchers::Tell(const Event& event) const {
  const std::shared_ptr<const List> list = std::atomic_load(&list_);
  for (const WatcherPtr& watcher : *list) {
    if (watcher->Wants(event)) watcher->Tell(event);
  }
}

}  // namespace aerie::broker
