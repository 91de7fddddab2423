#include "clients/cpp/phoenix/options.h"

#include <iterator>

namespace aerie::client::phx {

int64_t ReconnectAfterMs(int tries) {
  static constexpr int64_t kMs[] = {10,  50,  100,  150, 200,
                                    250, 500, 1000, 2000};
  return tries >= 1 && tries <= std::ssize(kMs) ? kMs[tries - 1] : 5000;
}

int64_t RejoinAfterMs(int tries) {
  static constexpr int64_t kMs[] = {1000, 2000, 5000};
  return tries >= 1 && tries <= std::ssize(kMs) ? kMs[tries - 1] : 10'000;
}

}  // namespace aerie::client::phx
