#include "broker/hosts/relay.h"

#include <utility>

#include "broker/hosts/channel_module.h"
#include "broker/hosts/route_options.h"
#include "proto/phoenix/events.h"

namespace aerie::broker {
namespace {

constexpr absl::string_view kFrom = "from";
constexpr absl::string_view kEvents = "events";

absl::StatusOr<bool> ToSender(const RouteOptions& route) {
  const auto from = route.options.find(std::string(kFrom));
  if (from == route.options.end()) return true;
  if (from->second == std::vector<std::string>{"all"}) return true;
  if (from->second == std::vector<std::string>{"others"}) return false;
  return BadOption(route, kFrom, "all or others");
}

}  // namespace

absl::StatusOr<std::shared_ptr<Host>> Relay::Make(const RouteOptions& route) {
  const absl::Status known = CheckOptionNames(route, {kFrom, kEvents});
  if (!known.ok()) return known;
  const absl::StatusOr<bool> to_sender = ToSender(route);
  if (!to_sender.ok()) return to_sender.status();

  absl::flat_hash_set<std::string> events;
  const auto listed = route.options.find(std::string(kEvents));
  if (listed != route.options.end()) {
    events.insert(listed->second.begin(), listed->second.end());
    if (events.empty()) return BadOption(route, kEvents, "at least one event");
  }
  for (const std::string& event : events) {
    if (!phoenix::IsReservedEvent(event)) continue;
    return BadOption(route, kEvents,
                     "names other than phx_*, presence_* and disconnect");
  }
  return std::make_shared<Relay>(*to_sender, std::move(events));
}

void Relay::Handle(Pid pid, const v1::Message& event, Actions& out) {
  if (!events_.empty() && !events_.contains(event.event())) {
    out.push_back({pid, ErrorReply(event, "event not allowed")});
    return;
  }
  if (!HasObjectOrBytes(event)) {
    out.push_back({pid, ErrorReply(event, "payload must be an object")});
    return;
  }
  out.push_back({pid, Broadcast{event.event(), PayloadOf(event), !to_sender_}});
  out.push_back({pid, Reply{event.ref(), "ok", {}}});
}

}  // namespace aerie::broker
