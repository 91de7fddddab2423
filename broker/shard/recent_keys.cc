#include "broker/shard/recent_keys.h"

namespace aerie::broker {

bool RecentKeys::Add(absl::string_view key, int64_t now_ms) {
  while (!by_age_.empty() && now_ms - by_age_.front().first >= ttl_ms_) {
    ForgetOldest();
  }
  if (keys_.contains(key)) return false;
  if (keys_max_ == 0) return true;
  if (by_age_.size() >= keys_max_) {
    ForgetOldest();
    evicted_.Increment();
  }
  by_age_.emplace_back(now_ms, std::string(key));
  keys_.insert(by_age_.back().second);
  return true;
}

void RecentKeys::ForgetOldest() {
  keys_.erase(by_age_.front().second);
  by_age_.pop_front();
}

}  // namespace aerie::broker
