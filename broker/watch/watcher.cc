#include "broker/watch/watcher.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace aerie::broker {
namespace {

// Whether `topic` is `pattern`, or begins with what is before its final `*`.
bool Matches(absl::string_view pattern, absl::string_view topic) {
  return absl::ConsumeSuffix(&pattern, "*") ? absl::StartsWith(topic, pattern)
                                            : topic == pattern;
}

}  // namespace

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
  return std::any_of(
      request_.broadcasts().begin(), request_.broadcasts().end(),
      [topic](const std::string& pattern) { return Matches(pattern, topic); });
}

}  // namespace aerie::broker
