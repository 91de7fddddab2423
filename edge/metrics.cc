#include "edge/metrics.h"

namespace aerie::edge {

Metrics::Metrics(MetricsRegistry& registry)
    : sockets(registry.AddGauge("aerie_edge_sockets", "Open sockets.")) {}

}  // namespace aerie::edge
