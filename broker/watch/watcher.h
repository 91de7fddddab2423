#ifndef AERIE_BROKER_WATCH_WATCHER_H_
#define AERIE_BROKER_WATCH_WATCHER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// What has happened, shared by all who want to hear it.
using WatchEvent = std::shared_ptr<const v1::WatchResponse::Event>;

// One who watches: what it wants to hear, and what it has yet to read. The
// queue is bounded; what finds no room is counted and told as one KIND_LOST
// where it is missing. Any thread.
class Watcher {
 public:
  // `ready` runs when there is something to take again after Take has found
  // nothing; on the thread of whoever told it.
  Watcher(const v1::WatchRequest& request, uint64_t queue_bytes_max,
          absl::AnyInvocable<void()> ready);

  // Whether it wants to hear of events of this kind at all.
  bool Wants(v1::WatchResponse::Event::Kind kind) const;

  // Queues the event, if it is one that the watcher wants. Returns how many
  // were lost.
  uint64_t Tell(const WatchEvent& event);

  // Moves queued events to `response`, up to about a mebibyte. False when there
  // are none: `ready` will run.
  bool Take(v1::WatchResponse* response);

 private:
  bool Wants(const v1::WatchResponse::Event& event) const;
  bool WantsBroadcastsOf(absl::string_view topic) const;

  const v1::WatchRequest request_;
  const uint64_t queue_bytes_max_;

  std::mutex mutex_;
  // By mutex_.
  absl::AnyInvocable<void()> ready_;
  std::deque<WatchEvent> queue_;
  uint64_t queue_bytes_ = 0;
  uint64_t lost_ = 0;     // Since the last event that was queued.
  bool waiting_ = false;  // Take has found nothing.
};

// Whether `topic` is `pattern`, or begins with what is before its final `*`.
bool MatchesTopic(absl::string_view pattern, absl::string_view topic);

}  // namespace aerie::broker

#endif  // AERIE_BROKER_WATCH_WATCHER_H_
