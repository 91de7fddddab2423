#include "broker/watch/watcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace aerie::broker {
namespace {

using Event = v1::WatchResponse::Event;

constexpr uint64_t kResponseBytesMax = 1 << 20;
constexpr int kResponseEventsMax = 4'096;

uint64_t Weight(const Event& event) {
  return sizeof(Event) + event.ByteSizeLong();
}

}  // namespace

bool MatchesTopic(absl::string_view pattern, absl::string_view topic) {
  return absl::ConsumeSuffix(&pattern, "*") ? absl::StartsWith(topic, pattern)
                                            : topic == pattern;
}

Watcher::Watcher(const v1::WatchRequest& request, uint64_t queue_bytes_max,
                 absl::AnyInvocable<void()> ready)
    : request_(request),
      queue_bytes_max_(queue_bytes_max),
      ready_(std::move(ready)) {
  auto watching = std::make_shared<Event>();
  watching->set_kind(Event::KIND_WATCHING);
  queue_bytes_ = Weight(*watching);
  queue_.push_back(std::move(watching));
}

bool Watcher::Wants(Event::Kind kind) const {
  switch (kind) {
    case Event::KIND_JOINED:
    case Event::KIND_LEFT:
      return request_.channels();
    case Event::KIND_CONNECTED:
    case Event::KIND_DISCONNECTED:
      return request_.sockets();
    case Event::KIND_OCCUPIED:
    case Event::KIND_VACATED:
      return request_.topics();
    case Event::KIND_BROADCAST:
      return !request_.broadcasts().empty();
    default:
      return false;
  }
}

bool Watcher::Wants(const Event& event) const {
  if (!Wants(event.kind())) return false;
  if (event.kind() == Event::KIND_BROADCAST) {
    return WantsBroadcastsOf(event.topic());
  }
  return event.topic().empty() ||
         absl::StartsWith(event.topic(), request_.prefix());
}

bool Watcher::WantsBroadcastsOf(absl::string_view topic) const {
  return std::any_of(request_.broadcasts().begin(), request_.broadcasts().end(),
                     [topic](const std::string& pattern) {
                       return MatchesTopic(pattern, topic);
                     });
}

uint64_t Watcher::Tell(const WatchEvent& event) {
  if (!Wants(*event)) return 0;
  const uint64_t weight = Weight(*event);
  bool wake;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queue_bytes_ > 0 && queue_bytes_ + weight > queue_bytes_max_) {
      ++lost_;
      return 1;
    }
    if (lost_ > 0) {
      auto lost = std::make_shared<Event>();
      lost->set_kind(Event::KIND_LOST);
      lost->set_lost(std::exchange(lost_, 0));
      *lost->mutable_time() = event->time();
      queue_bytes_ += Weight(*lost);
      queue_.push_back(std::move(lost));
    }
    queue_bytes_ += weight;
    queue_.push_back(event);
    wake = std::exchange(waiting_, false);
  }
  if (wake) ready_();
  return 0;
}

bool Watcher::Take(v1::WatchResponse* response) {
  response->Clear();
  std::lock_guard<std::mutex> lock(mutex_);
  uint64_t bytes = 0;
  while (!queue_.empty() && bytes < kResponseBytesMax &&
         response->events_size() < kResponseEventsMax) {
    const uint64_t weight = Weight(*queue_.front());
    bytes += weight;
    queue_bytes_ -= weight;
    *response->add_events() = *queue_.front();
    queue_.pop_front();
  }
  // What was lost at the end of the queue has no event to stand before.
  if (queue_.empty() && lost_ > 0) {
    Event& lost = *response->add_events();
    lost.set_kind(Event::KIND_LOST);
    lost.set_lost(std::exchange(lost_, 0));
  }
  waiting_ = response->events().empty();
  return !waiting_;
}

}  // namespace aerie::broker
