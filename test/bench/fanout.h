#ifndef AERIE_TEST_BENCH_FANOUT_H_
#define AERIE_TEST_BENCH_FANOUT_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "test/bench/crowd.h"
#include "test/bench/histogram.h"
#include "test/bench/meter.h"
#include "test/bench/options.h"

namespace aerie::bench {

// Broadcasts to a crowd that has joined. In each topic one client, the first,
// publishes, and `window` broadcasts are outstanding: one starts when every
// receiver has the one `window` before it. One that is missing, comes twice or
// out of order is a failure of the crowd. One thread.
class Fanout final : public Workload {
 public:
  explicit Fanout(const Options& options);

  void Start(Crowd& crowd);
  // Publishes what waited for its time.
  void PublishDue();
  // What has been published goes on, nothing follows.
  void Stop() { stopped_ = true; }
  // Whether everybody has all that was published.
  bool complete() const { return outstanding_ == 0; }

  void OnJoined(uint32_t /*client*/) override {}
  void OnBroadcast(uint32_t client, absl::string_view payload) override;

  // Counts anew.
  void Reset();
  uint64_t deliveries() const { return deliveries_; }
  uint64_t broadcasts() const { return broadcasts_; }
  const Histogram& latency() const { return latency_; }

 private:
  // A broadcast that some have not got yet.
  struct Outstanding {
    int64_t sent_ns = 0;
    uint32_t missing = 0;
  };
  struct Topic {
    uint64_t published = 0;
    uint64_t allowed = 0;                  // So many may have been published.
    int64_t due_ns = 0;                    // When the next one may be.
    std::vector<Outstanding> outstanding;  // By number, in a ring.
  };

  void PublishAllowed(uint32_t index);
  void Publish(uint32_t index, Topic& topic);

  const Options& options_;
  std::vector<Topic> topics_;
  std::vector<uint64_t> expected_;  // By client.
  Crowd* crowd_ = nullptr;
  bool stopped_ = false;
  uint64_t outstanding_ = 0;  // Of all topics.
  Histogram latency_;
  uint64_t deliveries_ = 0;
  uint64_t broadcasts_ = 0;
};

// Measures the fan-out to a crowd that has joined, and waits until everybody
// has all of it. The figures, or what failed.
Json Measure(const Options& options, Fanout& fanout, Crowd& crowd);

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_FANOUT_H_
