#ifndef AERIE_BROKER_TOPIC_ROUTER_H_
#define AERIE_BROKER_TOPIC_ROUTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/channel/host.h"

namespace aerie::broker {

// Which host runs the channels of which topics. Phoenix: `channel "room:*",
// RoomChannel`, and `intercept`.
struct Route {
  // A topic, or a prefix that ends in `*`.
  std::string pattern;
  std::shared_ptr<Host> host;
  // Events whose broadcasts its channels get through Host::Out.
  std::vector<std::string> intercepts;
  // What the configuration calls the host; empty for attached ones.
  std::string host_name = {};
};

// INVALID_ARGUMENT for a pattern that can't match: empty, or with a `*` before
// its end.
absl::Status CheckPattern(absl::string_view pattern);

// The routes in their order; the first one that matches a topic is its own.
// Filled before anybody else sees it, immutable after that: any thread.
class Router {
 public:
  // The same errors as CheckPattern.
  absl::Status Add(Route route);

  // Null when nothing matches: not even the topic `phoenix` is routed by
  // itself. Nothing ever matches v1::kCanaryTopic.
  const Route* Find(absl::string_view topic) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_TOPIC_ROUTER_H_
