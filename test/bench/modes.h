#ifndef AERIE_TEST_BENCH_MODES_H_
#define AERIE_TEST_BENCH_MODES_H_

#include "test/bench/crowd.h"
#include "test/bench/meter.h"
#include "test/bench/options.h"

// The workloads, each run from its first connect to its figures. What failed on
// the way is in the crowd's words, and in the result's `failures`.
namespace aerie::bench {

// Memory per joined socket: all of them connect and stay.
Json RunIdle(const Options& options);

// Connect and join, as fast as answered.
Json RunJoin(const Options& options);

// Each socket keeps `window` pushes unanswered.
Json RunEcho(const Options& options);

// In each topic one socket, the first, publishes. `window` broadcasts are
// outstanding: one starts when every receiver has the one `window` before it.
// Also checks that no broadcast is missing or comes twice.
Json RunFanout(const Options& options);

// The same for sessions that poll, and memory per session that waits in its
// poll.
Json RunLongPoll(const Options& options);

// Sockets come and go while broadcasts flow, until all have been replaced
// `cycles` times. Also checks that no broadcast is missing or comes twice.
Json RunChurn(const Options& options);

// A service broadcasts over one stream of Control, `window` of them
// unacknowledged, to `topics` topics in turn.
Json RunPublish(const Options& options);

// What every mode does:

// Long enough for a server to free what a closed client held.
inline constexpr double kSettleSeconds = 1;

// Lets `warmup_sockets` come and go, so that what a server does once is not
// counted. False when they do not all join.
bool WarmUp(const Options& options, Crowd& crowd);

// The options that make up a workload, and what went wrong.
Json Described(const Options& options, const Crowd& crowd);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_MODES_H_
