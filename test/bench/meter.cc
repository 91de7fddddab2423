#include "test/bench/meter.h"

#include <unistd.h>

#include <cmath>

#include "absl/status/statusor.h"

namespace aerie::bench {
namespace {

// What cannot be read is a failure of the run, once, and counts as nothing.
template <typename T>
T ValueOf(absl::StatusOr<T> value, Crowd& crowd) {
  if (value.ok()) return *value;
  crowd.Fail(value.status().ToString());
  return T{};
}

// Three digits behind the point: the rest is noise.
double Rounded(double value) { return std::round(value * 1'000) / 1'000; }

double UsPer(int64_t ns, uint64_t count) {
  if (count == 0) return 0;
  return Rounded(static_cast<double>(ns) / 1'000 / static_cast<double>(count));
}

double Per(int64_t amount, uint64_t count) {
  if (count == 0) return 0;
  return Rounded(static_cast<double>(amount) / static_cast<double>(count));
}

}  // namespace

Meter::Meter(const Options& options, Crowd& crowd)
    : options_(options), crowd_(crowd), processes_(options.pids) {
  processes_.emplace_back("load", getpid());
}

void Meter::Start() { start_ = Read(); }

void Meter::Stop() { stop_ = Read(); }

Meter::Reading Meter::Read() {
  Reading reading;
  reading.time_ns = NowNs();
  for (const auto& [name, pid] : processes_) {
    reading.cpu_ns.push_back(ValueOf(CpuNs(pid), crowd_));
    reading.system_ns.push_back(ValueOf(SystemCpuNs(pid), crowd_));
  }
  if (options_.link_port != 0) {
    reading.link = ValueOf(BytesOfLinksTo(options_.link_port), crowd_);
  }
  reading.bytes_in = crowd_.bytes_in();
  reading.bytes_out = crowd_.bytes_out();
  return reading;
}

double Meter::seconds() const {
  return static_cast<double>(stop_.time_ns - start_.time_ns) / 1e9;
}

Json Meter::CpuUsPer(uint64_t count) const {
  Json result = Json::object();
  for (size_t i = 0; i < processes_.size(); ++i) {
    result[processes_[i].first] =
        UsPer(stop_.cpu_ns[i] - start_.cpu_ns[i], count);
  }
  return result;
}

Json Meter::PerMessage(uint64_t messages) const {
  Json result;
  result["seconds"] = Rounded(seconds());
  result["messages"] = messages;
  result["rate"] = std::round(static_cast<double>(messages) / seconds());
  result["cpu_us_per_message"] = CpuUsPer(messages);
  Json& system = result["system_us_per_message"] = Json::object();
  Json& cores = result["cores"] = Json::object();
  for (size_t i = 0; i < processes_.size(); ++i) {
    const std::string& name = processes_[i].first;
    system[name] = UsPer(stop_.system_ns[i] - start_.system_ns[i], messages);
    cores[name] =
        Rounded(static_cast<double>(stop_.cpu_ns[i] - start_.cpu_ns[i]) / 1e9 /
                seconds());
  }
  Json& bytes = result["bytes_per_message"];
  bytes["client_in"] = Per(stop_.bytes_out - start_.bytes_out, messages);
  bytes["client_out"] = Per(stop_.bytes_in - start_.bytes_in, messages);
  if (options_.link_port != 0) {
    bytes["link_up"] = Per(stop_.link.sent - start_.link.sent, messages);
    bytes["link_down"] =
        Per(stop_.link.received - start_.link.received, messages);
  }
  return result;
}

Json PssOf(const Options& options, Crowd& crowd) {
  Json result = Json::object();
  for (const auto& [name, pid] : options.pids) {
    result[name] = ValueOf(PssBytes(pid), crowd);
  }
  return result;
}

Json PssPer(const Json& before, const Json& after, uint32_t count) {
  Json result = Json::object();
  for (const auto& [name, bytes] : after.items()) {
    result[name] =
        (bytes.get<int64_t>() - before[name].get<int64_t>()) / int64_t{count};
  }
  return result;
}

Json LatencyUs(const Histogram& histogram) {
  const auto us = [](int64_t ns) {
    return Rounded(static_cast<double>(ns) / 1'000);
  };
  return {{"p50", us(histogram.Quantile(0.5))},
          {"p99", us(histogram.Quantile(0.99))},
          {"p999", us(histogram.Quantile(0.999))},
          {"max", us(histogram.max())}};
}

}  // namespace aerie::bench
