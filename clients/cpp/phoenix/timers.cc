#include "clients/cpp/phoenix/timers.h"

#include <utility>

namespace aerie::client::phx {

void Alarm::Set(int64_t ms, std::function<void()> fire) {
  Cancel();
  id_ = timers_.Start(ms, [this, fire = std::move(fire)] {
    id_ = 0;
    fire();
  });
}

void Alarm::Cancel() {
  if (id_ != 0) timers_.Cancel(id_);
  id_ = 0;
}

RetryTimer::RetryTimer(Timers& timers, AfterMs after_ms,
                       std::function<void()> retry)
    : after_ms_(std::move(after_ms)),
      retry_(std::move(retry)),
      alarm_(timers) {}

void RetryTimer::Schedule() {
  alarm_.Set(after_ms_(tries_ + 1), [this] {
    ++tries_;
    retry_();
  });
}

void RetryTimer::Reset() {
  tries_ = 0;
  alarm_.Cancel();
}

}  // namespace aerie::client::phx
