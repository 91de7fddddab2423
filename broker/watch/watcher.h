#ifndef AERIE_BROKER_WATCH_WATCHER_H_
#define AERIE_BROKER_WATCH_WATCHER_H_

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/control.pb.h"

namespace aerie::broker {

// One who watches: what it wants to hear, and where it is told. Any thread.
class Watcher {
 public:
  using Event = v1::WatchResponse::Event;

  Watcher() = default;
  explicit Watcher(const v1::WatchRequest& request) : request_(request) {}
  virtual ~Watcher() = default;

  // Whether it wants to hear of events of this kind at all.
  bool Wants(Event::Kind kind) const;
  bool Wants(const Event& event) const;

  // An event that it wants. Must not block: shards call it.
  virtual void Tell(const Event& event) = 0;

 protected:
  // What it wants; not to be changed once it watches.
  v1::WatchRequest& request() { return request_; }

 private:
  bool WantsBroadcastsOf(absl::string_view topic) const;

  v1::WatchRequest request_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_WATCH_WATCHER_H_
