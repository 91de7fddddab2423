#include "broker/hosts/attached/credits.h"

namespace aerie::broker {
namespace {

// Lowers a number unless it would fall below zero.
bool Lower(std::atomic<uint32_t>& number, uint32_t by) {
  uint32_t was = number;
  do {
    if (was < by) return false;
  } while (!number.compare_exchange_weak(was, was - by));
  return true;
}

}  // namespace

Credits::Credits(uint32_t capacity, const Clock& clock, Metrics& metrics)
    : capacity_(capacity), clock_(clock), metrics_(metrics) {}

Credits::~Credits() { metrics_.host_callbacks_in_flight.Decrement(out_); }

Credits::Kind Credits::KindOf(HostCallback callback) {
  switch (callback) {
    case HostCallback::kJoin:
      return kJoins;
    case HostCallback::kTerminate:
      return kTerminates;
    case HostCallback::kConnect:
      return kConnects;
    default:
      return kEvents;
  }
}

// The time of progress is set before anything is out, so that nobody who sees
// something out finds an old one.
bool Credits::Take(HostCallback callback) {
  const int64_t now_ms = clock_.NowMs();
  uint32_t out = out_;
  do {
    if (out >= limit_) return false;
    if (out == 0) progress_ms_ = now_ms;
  } while (!out_.compare_exchange_weak(out, out + 1));
  const Kind kind = KindOf(callback);
  ++owed_[kind];
  if (kind == kEvents) SampleStart(now_ms);
  metrics_.host_callbacks[static_cast<int>(callback)]->Increment();
  metrics_.host_callbacks_in_flight.Increment();
  return true;
}

bool Credits::Return(HostCallback callback) {
  return Return(KindOf(callback), 1);
}

bool Credits::ReturnEvents(uint32_t count) {
  if (!Return(kEvents, count)) return false;
  SampleEnd(count);
  return true;
}

bool Credits::Return(Kind kind, uint32_t count) {
  if (!Lower(owed_[kind], count)) return false;
  progress_ms_ = clock_.NowMs();
  out_ -= count;
  metrics_.host_callbacks_in_flight.Decrement(count);
  return true;
}

bool Credits::Hung(int64_t now_ms, int64_t hang_ms) const {
  return out_ > 0 && now_ms - progress_ms_ >= hang_ms;
}

void Credits::SampleStart(int64_t now_ms) {
  const uint64_t given = ++events_given_;
  uint64_t none = 0;
  // Its answer cannot come before this returns.
  if (sample_ == 0 && sample_.compare_exchange_strong(none, given)) {
    sample_since_ms_ = now_ms;
  }
}

void Credits::SampleEnd(uint32_t count) {
  const uint64_t answered = events_answered_ += count;
  const uint64_t sample = sample_;
  if (sample == 0 || answered < sample) return;
  const int64_t took_ms = clock_.NowMs() - sample_since_ms_;
  metrics_.host_event_seconds.Observe(static_cast<double>(took_ms) / 1000);
  sample_ = 0;
}

}  // namespace aerie::broker
