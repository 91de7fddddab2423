#include "test/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace aerie::bench {

// Values below 64 have a bucket each. Above, the bits behind the highest one
// choose one of the 64 buckets of their power of two.
size_t Histogram::BucketOf(uint64_t value) {
  if (value >> kFractionBits == 0) return value;
  const int shift = 63 - __builtin_clzll(value) - kFractionBits;
  return (static_cast<size_t>(shift) << kFractionBits) + (value >> shift);
}

uint64_t Histogram::LastOf(size_t bucket) {
  if (bucket >> (kFractionBits + 1) == 0) return bucket;
  const size_t shift = (bucket >> kFractionBits) - 1;
  const uint64_t first = bucket - (shift << kFractionBits);
  return ((first + 1) << shift) - 1;
}

void Histogram::Add(int64_t ns) {
  ns = std::max<int64_t>(ns, 0);
  ++buckets_[std::min(BucketOf(static_cast<uint64_t>(ns)), kBuckets - 1)];
  ++count_;
  max_ = std::max(max_, ns);
}

int64_t Histogram::Quantile(double share) const {
  if (count_ == 0) return 0;
  const auto rank = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) {
      return std::min(max_, static_cast<int64_t>(LastOf(bucket)));
    }
  }
  return max_;
}

}  // namespace aerie::bench
