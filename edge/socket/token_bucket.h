#ifndef AERIE_EDGE_SOCKET_TOKEN_BUCKET_H_
#define AERIE_EDGE_SOCKET_TOKEN_BUCKET_H_

#include <cstdint>

namespace aerie::edge {

// Lets so many through in a second, and a second's worth of them at once; one
// at least. A value that is brought the time; on one thread.
class TokenBucket {
 public:
  // Full.
  TokenBucket(double per_second, int64_t now_ms);

  // Whether one more may pass.
  bool Take(int64_t now_ms);

  // Full again.
  void Fill(int64_t now_ms);

 private:
  const double per_ms_;
  const double tokens_max_;
  double tokens_;
  int64_t at_ms_;  // When there were so many.
};

}  // namespace aerie::edge

#endif  // AERIE_EDGE_SOCKET_TOKEN_BUCKET_H_
