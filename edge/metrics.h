#ifndef AERIE_EDGE_METRICS_H_
#define AERIE_EDGE_METRICS_H_

#include "common/metrics.h"

namespace aerie::edge {

// Every metric of the edge. Any thread.
class Metrics {
 public:
  explicit Metrics(MetricsRegistry& registry);

  Gauge& sockets;
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_METRICS_H_
