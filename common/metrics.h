#ifndef AERIE_COMMON_METRICS_H_
#define AERIE_COMMON_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

// Metrics as the processes declare them, each in one file (edge/metrics.h,
// broker/metrics.h). Counters and histograms may be used on any thread.
namespace aerie {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

// The metrics of one process; it must outlive what it hands out.
class MetricsRegistry {
 public:
  // Names follow Prometheus' rules: base units, `_total` for counters. The same
  // name with other labels is another series of the same family.
  Counter& AddCounter(const std::string& name, const std::string& help,
                      const prometheus::Labels& labels = {});
  Gauge& AddGauge(const std::string& name, const std::string& help,
                  const prometheus::Labels& labels = {});
  Histogram& AddHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& buckets,
                          const prometheus::Labels& labels = {});

  // Prometheus' text format.
  std::string Text() const;

 private:
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

}  // namespace aerie

#endif  // AERIE_COMMON_METRICS_H_
