#include "clients/cpp/phoenix/asio_timers.h"

#include <chrono>
#include <utility>

namespace aerie::client::phx {

Timers::Id AsioTimers::Start(int64_t ms, std::function<void()> fire) {
  const Id id = ++last_id_;
  auto timer = std::make_unique<Timer>(context_);
  timer->fire = std::move(fire);
  timer->timer.expires_after(std::chrono::milliseconds(ms));
  timer->timer.async_wait([id, weak = std::weak_ptr<Pending>(pending_)](
                              const boost::system::error_code&) {
    const auto pending = weak.lock();
    if (pending == nullptr) return;
    const auto found = pending->find(id);
    if (found == pending->end()) return;  // Cancelled.
    const std::unique_ptr<Timer> due = std::move(found->second);
    pending->erase(found);
    due->fire();
  });
  pending_->emplace(id, std::move(timer));
  return id;
}

}  // namespace aerie::client::phx
