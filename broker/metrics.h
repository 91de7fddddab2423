#ifndef AERIE_BROKER_METRICS_H_
#define AERIE_BROKER_METRICS_H_

#include "common/metrics.h"

namespace aerie::broker {

// Every metric of the broker. Any thread.
class Metrics {
 public:
  explicit Metrics(MetricsRegistry& registry);

  Gauge& channels;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_METRICS_H_
