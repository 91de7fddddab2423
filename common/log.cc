#include "common/log.h"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/clock.h"
#include "common/log_line.h"
#include "common/log_throttle.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace aerie::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};
std::atomic<Format> g_format{Format::kText};

// Never destroyed: threads may log until the process is gone.
spdlog::logger& Sink() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger(
        "aerie", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");  // Lines arrive whole.
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

void Write(Level level, absl::string_view event,
           absl::Span<const Field> fields) {
  const std::string line = FormatLine(g_format.load(std::memory_order_relaxed),
                                      absl::Now(), level, event, fields);
  Sink().log(spdlog::level::info, spdlog::string_view_t(line));
}

void WriteThrottled(Level level, absl::string_view event, Fields fields) {
  if (!Enabled(level)) return;
  static Throttle* const throttle = new Throttle;
  const std::optional<uint32_t> suppressed =
      throttle->Admit(event, Clock::Real().NowMs());
  if (!suppressed) return;
  std::vector<Field> all(fields);
  if (*suppressed > 0) all.emplace_back("suppressed", *suppressed);
  Write(level, event, all);
}

}  // namespace

void Configure(Level level, Format format) {
  g_level.store(level, std::memory_order_relaxed);
  g_format.store(format, std::memory_order_relaxed);
}

bool Enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void Debug(absl::string_view event, Fields fields) {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, event, fields);
}

void Info(absl::string_view event, Fields fields) {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, event, fields);
}

void Warning(absl::string_view event, Fields fields) {
  WriteThrottled(Level::kWarning, event, fields);
}

void Error(absl::string_view event, Fields fields) {
  WriteThrottled(Level::kError, event, fields);
}

}  // namespace aerie::log
