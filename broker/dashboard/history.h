#ifndef AERIE_BROKER_DASHBOARD_HISTORY_H_
#define AERIE_BROKER_DASHBOARD_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "broker/metrics.h"

namespace aerie::broker {

// What the broker's metrics were over the last ten minutes, so that a page that
// has just been opened shows more than now: a ring of samples, some 34 KiB. It
// reads metrics and asks no shard, so it goes on when loops are stuck. One
// thread: the admin server's.
class History {
 public:
  static constexpr int64_t kPeriodMs = 2'000;
  static constexpr size_t kSamplesMax = 300;

  // The columns of a sample, in order. Rates are per second.
  static constexpr std::array<absl::string_view, 13> kSeries = {
      "sockets",            // Open.
      "channels",           // Joined, or being joined.
      "messages_in",        // Rate: events of clients given to channels.
      "messages_out",       // Rate: replies, pushes, and broadcasts per edge.
      "joins_ok",           // Rate.
      "joins_failed",       // Rate: joins answered otherwise, for any reason.
      "broadcasts",         // Rate: events to a topic.
      "fanouts",            // Rate: the same, once for each edge.
      "inbox_bytes",        // Waiting for the turns in progress.
      "edge_queue_bytes",   // Queued for edges.
      "host_queue_bytes",   // Queued for attached hosts.
      "watch_queue_bytes",  // Queued for watchers.
      "busy_percent",       // Of the loops' time, spent in turns.
  };

  // `metrics` outlives it; `loops` is how many there are.
  History(const Metrics& metrics, uint32_t loops)
      : metrics_(metrics), loops_(loops) {}

  // Takes a sample when one is due. `now_ms` of Clock::NowMs, never back.
  void Step(int64_t now_ms);

  // The samples from number `from` on, all that are kept if it is older, or
  // has yet to come: `{"period_ms":2000,"first":0,"next":2,"series":["sockets",
  // ...],"samples":[[age_ms,1,...],...]}`, the oldest first. `next` is what to
  // ask from the next time.
  std::string Json(uint64_t from, int64_t now_ms) const;

  size_t size() const { return samples_.size(); }

 private:
  // Counters, as they were.
  struct Totals {
    int64_t at_ms = 0;
    double messages_in = 0;
    double messages_out = 0;
    double joins_ok = 0;
    double joins_failed = 0;
    double broadcasts = 0;
    double fanouts = 0;
    double turn_seconds = 0;
  };
  struct Sample {
    int64_t at_ms = 0;
    std::array<double, kSeries.size()> values = {};
  };

  Totals Count(int64_t now_ms) const;
  Sample Take(const Totals& before, const Totals& now) const;

  const Metrics& metrics_;
  const uint32_t loops_;
  absl::optional<Totals> last_;
  // A ring once it is full; sample number n stands at n % kSamplesMax.
  std::vector<Sample> samples_;
  uint64_t next_ = 0;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_DASHBOARD_HISTORY_H_
