#include "broker/hosts/echo.h"

#include "broker/hosts/channel_module.h"
#include "broker/hosts/route_options.h"

namespace aerie::broker {

absl::StatusOr<std::shared_ptr<Host>> Echo::Make(const RouteOptions& route) {
  const absl::Status known = CheckOptionNames(route, {});
  if (!known.ok()) return known;
  return std::make_shared<Echo>();
}

void Echo::Handle(Pid pid, const v1::Message& event, Actions& out) {
  out.push_back({pid, Reply{event.ref(), "ok", PayloadOf(event)}});
}

}  // namespace aerie::broker
