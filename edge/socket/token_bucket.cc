#include "edge/socket/token_bucket.h"

#include <algorithm>

namespace aerie::edge {

TokenBucket::TokenBucket(double per_second, int64_t now_ms)
    : per_ms_(per_second / 1000),
      tokens_max_(std::max(1.0, per_second)),
      tokens_(tokens_max_),
      at_ms_(now_ms) {}

bool TokenBucket::Take(int64_t now_ms) {
  const auto waited_ms = static_cast<double>(now_ms - at_ms_);
  tokens_ = std::min(tokens_max_, tokens_ + waited_ms * per_ms_);
  at_ms_ = now_ms;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void TokenBucket::Fill(int64_t now_ms) {
  tokens_ = tokens_max_;
  at_ms_ = now_ms;
}

}  // namespace aerie::edge
