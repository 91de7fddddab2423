#ifndef AERIE_TEST_BENCH_HISTOGRAM_H_
#define AERIE_TEST_BENCH_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace aerie::bench {

// Counts of durations, in buckets no wider than 1.6 % of what they hold. One
// thread.
class Histogram {
 public:
  void Add(int64_t ns);
  void Clear() { *this = Histogram(); }

  uint64_t count() const { return count_; }
  // The duration that `share` (0 to 1) of all do not exceed, rounded up to the
  // end of its bucket but never past the longest; 0 when there are none.
  int64_t Quantile(double share) const;
  int64_t max() const { return max_; }

 private:
  // 64 buckets for each power of two.
  static constexpr int kFractionBits = 6;
  static constexpr size_t kBuckets = size_t{64 - kFractionBits} << 6;

  static size_t BucketOf(uint64_t value);
  static uint64_t LastOf(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace aerie::bench

#endif  // AERIE_TEST_BENCH_HISTOGRAM_H_
