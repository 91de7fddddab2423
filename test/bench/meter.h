#ifndef AERIE_TEST_BENCH_METER_H_
#define AERIE_TEST_BENCH_METER_H_

#include <cstdint>
#include <vector>

#include "nlohmann/json.hpp"
#include "test/bench/crowd.h"
#include "test/bench/histogram.h"
#include "test/bench/options.h"
#include "test/bench/process.h"

namespace aerie::bench {

using Json = nlohmann::ordered_json;

// What the processes under test, the generator and the wires have used between
// Start and Stop. One thread.
class Meter {
 public:
  Meter(const Options& options, Crowd& crowd);

  void Start();
  void Stop();

  double seconds() const;
  // The rate, the cost per message of each process and the bytes per message of
  // each wire.
  Json PerMessage(uint64_t messages) const;
  // CPU of the processes under test, per something, in microseconds.
  Json CpuUsPer(uint64_t count) const;

 private:
  struct Reading {
    int64_t time_ns = 0;
    std::vector<int64_t> cpu_ns;  // By process, the generator's last.
    std::vector<int64_t> system_ns;
    LinkBytes link;
    int64_t bytes_in = 0;
    int64_t bytes_out = 0;
  };
  Reading Read();

  const Options& options_;
  Crowd& crowd_;
  std::vector<std::pair<std::string, pid_t>> processes_;
  Reading start_;
  Reading stop_;
};

// Memory of the processes under test, by name, in bytes.
Json PssOf(const Options& options, Crowd& crowd);
// What has been added to it, by something.
Json PssPer(const Json& before, const Json& after, uint32_t count);

Json LatencyUs(const Histogram& histogram);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_METER_H_
