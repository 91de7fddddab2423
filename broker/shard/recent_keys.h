#ifndef AERIE_BROKER_SHARD_RECENT_KEYS_H_
#define AERIE_BROKER_SHARD_RECENT_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "common/metrics.h"

namespace aerie::broker {

// The keys that were used lately: so many at most, and for so long. One thread.
class RecentKeys {
 public:
  // `evicted` counts those that are forgotten because there are too many.
  RecentKeys(size_t keys_max, int64_t ttl_ms, Counter& evicted)
      : keys_max_(keys_max), ttl_ms_(ttl_ms), evicted_(evicted) {}

  // False when it is known already; otherwise it is from now on.
  bool Add(absl::string_view key, int64_t now_ms);

  size_t size() const { return by_age_.size(); }

 private:
  void ForgetOldest();

  const size_t keys_max_;
  const int64_t ttl_ms_;
  Counter& evicted_;
  // The oldest first. A deque's elements stay where they are.
  std::deque<std::pair<int64_t, std::string>> by_age_;
  absl::flat_hash_set<absl::string_view> keys_;
};

}  // namespace aerie::broker

#endif  // AERIE_BROKER_SHARD_RECENT_KEYS_H_
