#include "broker/watch/watchers.h"

#include <algorithm>
#include <utility>

namespace aerie::broker {

Watchers::Watchers(const Limits& limits, Metrics& metrics)
    : limits_(limits),
      metrics_(metrics),
      list_(std::make_shared<const List>()) {}

bool Watchers::Add(const WatcherPtr& watcher) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (list_->size() >= limits_.watchers_max) return false;
  auto list = std::make_shared<List>(*list_);
  list->push_back(watcher);
  Use(std::move(list));
  return true;
}

void Watchers::Remove(const WatcherPtr& watcher) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto list = std::make_shared<List>(*list_);
  list->erase(std::remove(list->begin(), list->end(), watcher), list->end());
  Use(std::move(list));
}

void Watchers::Use(std::shared_ptr<const List> list) {
  uint32_t wanted = 0;
  for (int kind = 0; kind < v1::WatchResponse::Event::Kind_ARRAYSIZE; ++kind) {
    const bool any = std::any_of(
        list->begin(), list->end(), [kind](const WatcherPtr& watcher) {
          return watcher->Wants(static_cast<Kind>(kind));
        });
    if (any) wanted |= uint32_t{1} << kind;
  }
  list_ = std::move(list);
  metrics_.watchers.Set(static_cast<double>(list_->size()));
  wanted_.store(wanted);
}

void Watchers::Tell(v1::WatchResponse::Event event) {
  std::shared_ptr<const List> list;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    list = list_;
  }
  const auto shared =
      std::make_shared<const v1::WatchResponse::Event>(std::move(event));
  for (const WatcherPtr& watcher : *list) {
    const uint64_t lost = watcher->Tell(shared);
    if (lost > 0)
      metrics_.watch_events_lost.Increment(static_cast<double>(lost));
  }
}

}  // namespace aerie::broker
