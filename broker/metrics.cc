#include "broker/metrics.h"

namespace aerie::broker {

Metrics::Metrics(MetricsRegistry& registry)
    : channels(registry.AddGauge("aerie_broker_channels",
                                 "Channels, joined or being joined.")) {}

}  // namespace aerie::broker
