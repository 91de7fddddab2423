#include "broker/dashboard/history.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace aerie::broker {
namespace {

// A tick that comes a little early counts as in time, for samples not to drift
// apart.
constexpr int64_t kEarlyMs = 200;

double Failed(const Metrics& metrics) {
  return metrics.joins_refused.Value() + metrics.joins_crashed.Value() +
         metrics.joins_unmatched.Value() + metrics.joins_over_limit.Value() +
         metrics.joins_unavailable.Value() + metrics.joins_unauthorized.Value();
}

}  // namespace

void History::Step(int64_t now_ms) {
  if (last_.has_value() && now_ms - last_->at_ms < kPeriodMs - kEarlyMs) return;
  const Totals now = Count(now_ms);
  if (last_.has_value()) {
    const Sample sample = Take(*last_, now);
    if (samples_.size() < kSamplesMax) {
      samples_.push_back(sample);
    } else {
      samples_[next_ % kSamplesMax] = sample;
    }
    ++next_;
  }
  last_ = now;
}

History::Totals History::Count(int64_t now_ms) const {
  Totals totals;
  totals.at_ms = now_ms;
  totals.messages_in = metrics_.events_in.Value();
  totals.fanouts = metrics_.fanouts.Value();
  totals.messages_out =
      metrics_.replies.Value() + metrics_.pushes.Value() + totals.fanouts;
  totals.joins_ok = metrics_.joins_ok.Value();
  totals.joins_failed = Failed(metrics_);
  totals.broadcasts = metrics_.broadcasts.Value();
  totals.turn_seconds = metrics_.turn_seconds.Collect().histogram.sample_sum;
  return totals;
}

History::Sample History::Take(const Totals& before, const Totals& now) const {
  const double seconds = static_cast<double>(now.at_ms - before.at_ms) / 1'000;
  const auto rate = [&](double Totals::*counter) {
    return (now.*counter - before.*counter) / seconds;
  };
  // A turn counts when it ends, which may be more than a period's worth.
  const double busy =
      std::min(1.0, rate(&Totals::turn_seconds) / std::max(1u, loops_));
  return {now.at_ms,
          {metrics_.sockets.Value(), metrics_.channels.Value(),
           rate(&Totals::messages_in), rate(&Totals::messages_out),
           rate(&Totals::joins_ok), rate(&Totals::joins_failed),
           rate(&Totals::broadcasts), rate(&Totals::fanouts),
           metrics_.inbox_bytes.Value(), metrics_.link_outbox_bytes.Value(),
           metrics_.host_outbox_bytes.Value(),
           metrics_.watch_queue_bytes.Value(), busy * 100}};
}

std::string History::Json(uint64_t from, int64_t now_ms) const {
  const uint64_t oldest = next_ - samples_.size();
  // From the future: of a broker that was here before.
  const uint64_t first = from > next_ ? oldest : std::max(from, oldest);
  std::string json = absl::StrCat(
      "{\"period_ms\":", kPeriodMs, ",\"first\":", first, ",\"next\":", next_,
      ",\"series\":[\"", absl::StrJoin(kSeries, "\",\""), "\"],\"samples\":[");
  for (uint64_t number = first; number < next_; ++number) {
    const Sample& sample = samples_[number % kSamplesMax];
    absl::StrAppend(&json, number == first ? "[" : ",[", now_ms - sample.at_ms);
    for (const double value : sample.values) {
      // Two digits behind the point are plenty, and none where none are.
      const int digits = std::trunc(value) == value ? 0 : 2;
      absl::StrAppendFormat(&json, ",%.*f", digits, value);
    }
    json += ']';
  }
  json += "]}";
  return json;
}

}  // namespace aerie::broker
