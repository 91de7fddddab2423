#include <algorithm>

#include "test/bench/fanout.h"
#include "test/bench/modes.h"
#include "test/bench/pollers.h"

namespace aerie::bench {
namespace {

// Opens sessions [first, end), until each waits in its poll and nothing else is
// under way.
void Park(const Options& options, Pollers& pollers, uint32_t first,
          uint32_t end) {
  if (!JoinAll(pollers, first, end, options.parallel)) return;
  TurnFor(pollers, kSettleSeconds, [] { return false; });
  if (pollers.failures() == 0 &&
      (pollers.posts() > 0 || pollers.polls() != end)) {
    pollers.Fail("not every session waits in one poll");
  }
}

}  // namespace

Json RunLongPoll(const Options& options) {
  Fanout fanout(options);
  Pollers pollers(options, fanout);
  // A session that waits has the connection of its poll and no other.
  pollers.Keep(false);
  // Those that warm up stay: a session outlives its connections.
  const uint32_t first = std::min(options.warmup_sockets, options.sockets / 2);
  Park(options, pollers, 0, first);
  const Json before = PssOf(options, pollers);
  if (pollers.failures() == 0) {
    Park(options, pollers, first, options.sockets);
  }
  const Json after = PssOf(options, pollers);
  const uint32_t connections = pollers.connections();
  pollers.Keep(true);
  Json result = Measure(options, fanout, pollers);
  result["connections_parked"] = connections;
  result["connections"] = pollers.connections();
  result["pss_before"] = before;
  result["pss_after"] = after;
  result["pss_per_session"] = PssPer(before, after, options.sockets - first);
  return result;
}

}  // namespace aerie::bench
