#ifndef AERIE_BROKER_CHANNEL_PID_H_
#define AERIE_BROKER_CHANNEL_PID_H_

#include <cstdint>
#include <utility>

namespace aerie::broker {

// Names a Channel for as long as the broker lives; never reused. What others
// hold instead of a pointer. Phoenix: a pid.
//
// `broker` is 0 for this process' own channels. On a link, where the broker is
// known, a pid travels as one number: the shard in the upper 16 bits.
struct Pid {
  uint64_t broker = 0;
  uint16_t shard = 0;
  uint64_t serial = 0;  // From 1; 48 bits.

  uint64_t number() const { return uint64_t{shard} << 48 | serial; }
  static Pid Of(uint64_t number) {
    return {0, static_cast<uint16_t>(number >> 48),
            number & ((uint64_t{1} << 48) - 1)};
  }

  friend bool operator==(const Pid&, const Pid&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Pid& pid) {
    return H::combine(std::move(h), pid.broker, pid.shard, pid.serial);
  }
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_CHANNEL_PID_H_
