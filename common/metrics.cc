#include "common/metrics.h"

#include "prometheus/text_serializer.h"

namespace aerie {

Counter& MetricsRegistry::AddCounter(const std::string& name,
                                     const std::string& help,
                                     const prometheus::Labels& labels) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(registry_)
      .Add(labels);
}

Gauge& MetricsRegistry::AddGauge(const std::string& name,
                                 const std::string& help,
                                 const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(
      labels);
}

Histogram& MetricsRegistry::AddHistogram(const std::string& name,
                                         const std::string& help,
                                         const std::vector<double>& buckets,
                                         const prometheus::Labels& labels) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(registry_)
      .Add(labels, buckets);
}

std::string MetricsRegistry::Text() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace aerie
