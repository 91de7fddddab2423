#ifndef AERIE_BROKER_HOSTS_ATTACHED_CREDITS_H_
#define AERIE_BROKER_HOSTS_ATTACHED_CREDITS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "broker/metrics.h"
#include "common/clock.h"

namespace aerie::broker {

// How many callbacks an attached host may still be given: each one takes a
// credit, its answer gives it back. Any thread.
class Credits {
 public:
  // There are none before Open.
  Credits(uint32_t capacity, const Clock& clock, Metrics& metrics);
  // What is out is forgotten.
  ~Credits();
  Credits(const Credits&) = delete;
  Credits& operator=(const Credits&) = delete;

  void Open() { limit_ = capacity_; }

  // False when none is left.
  [[nodiscard]] bool Take(HostCallback callback);

  // Answers to Join, Terminate or Connect. False when none is owed.
  [[nodiscard]] bool Return(HostCallback callback);
  // Answers to events: In, Out and Info.
  [[nodiscard]] bool ReturnEvents(uint32_t count);

  // Whether answers are owed and none has come for so long.
  bool Hung(int64_t now_ms, int64_t hang_ms) const;

  uint32_t capacity() const { return capacity_; }
  uint32_t out() const { return out_; }

 private:
  // What is counted apart, because it is answered apart.
  enum Kind { kJoins, kEvents, kTerminates, kConnects, kKinds };
  static Kind KindOf(HostCallback callback);

  bool Return(Kind kind, uint32_t count);
  void SampleStart(int64_t now_ms);
  void SampleEnd(uint32_t count);

  const uint32_t capacity_;
  const Clock& clock_;
  Metrics& metrics_;
  std::atomic<uint32_t> limit_{0};
  std::atomic<uint32_t> out_{0};
  std::array<std::atomic<uint32_t>, kKinds> owed_ = {};
  // When the latest answer came, or the first of those that are owed was asked.
  std::atomic<int64_t> progress_ms_{0};

  // Answers to events don't say which: the time is taken, of one event at once,
  // until as many have been answered as had been given by then.
  std::atomic<uint64_t> events_given_{0};
  std::atomic<uint64_t> events_answered_{0};
  std::atomic<uint64_t> sample_{0};  // Its place among them; 0: none.
  std::atomic<int64_t> sample_since_ms_{0};
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_HOSTS_ATTACHED_CREDITS_H_
