#include "test/bench/modes.h"

#include <algorithm>
#include <vector>

#include "test/bench/histogram.h"
#include "test/bench/swarm.h"

namespace aerie::bench {
namespace {

bool Never() { return false; }

// Joins, and wants nothing else.
class Joiners final : public Workload {
 public:
  void OnJoined(uint32_t /*socket*/) override {}
};

// Joins, and notes how long it took.
class TimedJoiners final : public Workload {
 public:
  void OnJoined(uint32_t socket) override {
    latency_.Add(swarm_->now_ns() - opened_ns_[socket]);
  }

  bool Run(Swarm& swarm, const Options& options) {
    swarm_ = &swarm;
    opened_ns_.assign(options.sockets, 0);
    latency_.Clear();
    for (uint32_t next = 0; swarm.joined() < options.sockets;) {
      while (next < options.sockets && swarm.joining() < options.parallel) {
        opened_ns_[next] = NowNs();
        swarm.Open(next++);
      }
      swarm.Turn(100);
      if (swarm.failures() > 0) return false;
    }
    return true;
  }

  const Histogram& latency() const { return latency_; }

 private:
  Swarm* swarm_ = nullptr;
  std::vector<int64_t> opened_ns_;
  Histogram latency_;
};

void DropAll(const Options& options, Swarm& swarm) {
  for (uint32_t i = 0; i < options.sockets; ++i) swarm.Drop(i);
}

}  // namespace

bool WarmUp(const Options& options, Crowd& crowd) {
  const uint32_t count = std::min(options.warmup_sockets, options.sockets);
  if (!JoinAll(crowd, 0, count, options.parallel)) return false;
  for (uint32_t i = 0; i < count; ++i) crowd.Drop(i);
  TurnFor(crowd, kSettleSeconds, Never);
  return true;
}

Json Described(const Options& options, const Crowd& crowd) {
  Json result;
  result["mode"] = options.mode;
  result["edges"] = options.targets.size();
  result["sockets"] = options.sockets;
  result["topics"] = options.topics;
  result["window"] = options.window;
  result["payload_bytes"] = options.payload_bytes;
  result["failures"] = crowd.failures();
  if (crowd.failures() > 0) result["first_failure"] = crowd.first_failure();
  return result;
}

Json RunIdle(const Options& options) {
  Joiners joiners;
  Swarm swarm(options, joiners);
  WarmUp(options, swarm);
  const Json before = PssOf(options, swarm);
  if (swarm.failures() == 0) {
    JoinAll(swarm, 0, options.sockets, options.parallel);
    TurnFor(swarm, kSettleSeconds, Never);
  }
  const Json after = PssOf(options, swarm);
  Json result = Described(options, swarm);
  result["joined"] = swarm.joined();
  result["pss_before"] = before;
  result["pss_after"] = after;
  result["pss_per_socket"] = PssPer(before, after, options.sockets);
  return result;
}

Json RunJoin(const Options& options) {
  TimedJoiners joiners;
  Swarm swarm(options, joiners);
  Meter meter(options, swarm);
  // All of them, once unmeasured: the server's tables have grown then.
  if (joiners.Run(swarm, options)) {
    DropAll(options, swarm);
    TurnFor(swarm, kSettleSeconds, Never);
    meter.Start();
    joiners.Run(swarm, options);
    meter.Stop();
  }
  Json result = Described(options, swarm);
  result["parallel"] = options.parallel;
  if (swarm.failures() > 0) return result;
  result.update(meter.PerMessage(options.sockets));
  result["latency_us"] = LatencyUs(joiners.latency());
  return result;
}

}  // namespace aerie::bench
